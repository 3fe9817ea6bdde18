"""CSV and LaTeX of any table: figures that a program reads, texts that are printed as they are."""

from __future__ import annotations

import csv
import io

from harness.report.csv_tables import csv_tables
from harness.report.latex import latex
from harness.report.view import Table, View


def made(*cells, head="head", title="t"):
    return View("v", (), (Table(title, ("name", head), tuple(("x", cell) for cell in cells)),), ())


def test_csv_of_odd_cells():
    def column(*cells, **more):
        return [row[1:] for row in csv.reader(io.StringIO(csv_tables(made(*cells, **more))))]

    assert column("n/a (0)", "50.0 % (4)") == [["head (%)", "head n"], ["", "0"], ["50.0", "4"]]
    assert column("n/a", "3.0 %") == [["head (%)"], [""], ["3.0"]]
    assert column("1/3", "0/0") == [["head", "of head"], ["1", "3"], ["0", "0"]]
    assert column("+1.0", "n/a", "-2.0*") == [["head", "head significant"], ["+1.0", "no"], ["", ""], ["-2.0", "yes"]]
    assert column("+1.0", "-2.0") == [["head"], ["+1.0"], ["-2.0"]], "nothing is marked, so nothing is said of marks"
    assert column("50.0 %", "many") == [["head"], ["50.0 %"], ["many"]]
    assert column('a "b", c\nd', "\x1b[31m") == [["head"], ['a "b", c d'], ["\\u001b[31m"]]
    assert column("=1+1", "@x", "-x", "+1.5") == [["head"], ["'=1+1"], ["'@x"], ["'-x"], ["+1.5"]]
    assert column() == [["head"]]


def test_latex_prints_texts_as_they_are():
    page = latex(made("a_b & 50 % #1 ${x}^2~\\end", "-2.5*", "-1.0 to -0.5", head="<n>", title="from → to"))
    assert r"a\_b \& 50\,\% \#1 \$\{x\}\textasciicircum{}2\textasciitilde{}\textbackslash{}end \\" in page
    assert "x & $-$2.5* \\\\" in page
    assert "$-$1.0 to $-$0.5" in page
    assert r"\textless{}n\textgreater{}" in page
    assert r"\caption{from $\to$ to}" in page
    assert r"\begin{tabular}{lr}" in page
    rows = ((f"[{mark}", "1") for mark in "ab")
    guarded = latex(View("v", (("model", "a\nb % c"),), (Table("t", ("name", "n"), tuple(rows)),), ("50 %--60 %",)))
    assert guarded.count("\n{}[") == 2, "a bracket at the beginning of a row would be an option of the row before"
    assert "% model: a b % c\n" in guarded
    assert r"50 \%-{}-60 \%" in guarded

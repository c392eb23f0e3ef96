"""Formulas as chats show them."""

from __future__ import annotations

import pytest

from content.language.formulas import show_formulas


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"The set $\{1, 2\}$.", "The set {1, 2}."),
        (r"$a*b*c$ and $H_2O$", "a*b*c and H₂O"),
        (r"$\alpha \leq \beta$", "α ≤ β"),
        (r"$O(n\log n)$", "O(n log n)"),
        (r"$$\sum_{i=1}^{n} i$$", "∑ᵢ₌₁ⁿ i"),
        (r"$\frac{1}{2}$ of it", r"`\frac{1}{2}` of it"),
        (r"$\begin{matrix} 1 \\ 2 \end{matrix}$", r"`\begin{matrix} 1 \\ 2 \end{matrix}`"),
        (r"$x^{q}$ and $\sqrt{x}$", r"`x^{q}` and `\sqrt{x}`"),
        ("It costs $5 or $6.", "It costs $5 or $6."),
        ("`$HOME$` and $PATH", "`$HOME$` and $PATH"),
    ],
)
def test_formulas_are_unicode_where_that_is_exact_and_code_elsewhere(text: str, shown: str) -> None:
    assert show_formulas(text) == shown

"""What a language model writes into its report."""

from kerasheet.report.writing import PROMPT, TEMPERATURES, let_write


def test_samples_are_the_same_every_time(text_run):
    model = text_run.load_model()
    first, again = (let_write(model, text_run.vocabulary) for _ in range(2))
    assert first == again
    assert [sample.temperature for sample in first.samples] == [*TEMPERATURES]
    assert {len(sample.text) for sample in first.samples} == {len(PROMPT) + 240}


def test_tokens_are_named_from_the_most_frequent_to_the_rarest(text_run):
    writing = let_write(text_run.load_model(), text_run.vocabulary)
    tokens = text_run.vocabulary.tokens
    assert writing.tokens == len(tokens)
    assert writing.frequent[0] == "' '"
    assert writing.rare[-1] == tokens[-1]
    assert not {*writing.frequent} & {*writing.rare}

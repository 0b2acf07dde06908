"""Train the classifier of wishes: `nemo_notebook/agent/likeness.npz` from the sentences of `tests/sentences`.

A logistic regression over the features of `nemo_notebook.agent.classifiers`. It is fitted twice: without the tenth of
the sentences that is held out, to see how well it does on sentences that it does not know, and on all of them, to be
kept.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import corpus
import numpy as np
from corpus import Sentence

from nemo_notebook.agent import classifiers

WEIGHTS = Path(classifiers.__file__).with_name("likeness.npz")
_LEAST_SEEN = 2  # sentences that a feature must be in
_LEAST_WEIGHT = 0.02  # weights below are left out
_SURE = 0.9


class Classifier:
    """A logistic regression over named features.

    Args:
        samples: The features of each sentence.
        kinds: The kind of each.
    """

    def __init__(self, samples: Sequence[Counter[str]], kinds: Sequence[str]) -> None:
        linear_model = _sklearn_linear_model()
        seen = Counter(feature for sample in samples for feature in sample)
        self._columns = {name: at for at, name in enumerate(sorted(n for n, k in seen.items() if k >= _LEAST_SEEN))}
        self._model = linear_model.LogisticRegression(max_iter=100, tol=1e-3).fit(self._matrix(samples), kinds)

    def shares(self, samples: Sequence[Counter[str]]) -> np.ndarray[Any, Any]:
        """How likely each kind is for each sentence."""
        return np.asarray(self._model.predict_proba(self._matrix(samples)))

    @property
    def kinds(self) -> np.ndarray[Any, Any]:
        return np.asarray(self._model.classes_)

    def save(self, path: Path) -> None:
        """Write the weights as bytes with one scale, the rows in the order of the features' names."""
        weights = self._model.coef_.T.astype(np.float32)
        weights[np.abs(weights) < _LEAST_WEIGHT] = 0
        is_kept = np.abs(weights).any(axis=1)
        scale = np.abs(weights).max() / 127
        np.savez_compressed(
            path,
            keys=np.array([classifiers.feature_key(name) for name in self._columns], np.uint32)[is_kept],
            weights=np.round(weights[is_kept] / scale).astype(np.int8),
            scale=np.float32(scale),
            bias=self._model.intercept_.astype(np.float32),
            kinds=self.kinds.astype(str),
        )

    def _matrix(self, samples: Sequence[Counter[str]]) -> Any:
        from scipy.sparse import csr_matrix

        known = [
            (row, self._columns[name], count)
            for row, sample in enumerate(samples)
            for name, count in sample.items()
            if name in self._columns
        ]
        rows, columns, counts = zip(*known, strict=True)
        return csr_matrix((counts, (rows, columns)), shape=(len(samples), len(self._columns)), dtype=np.float32)


def _sklearn_linear_model() -> Any:
    try:
        from sklearn import linear_model
    except ImportError:
        sys.exit("Training needs scikit-learn: pip install -e '.[train]'")
    return linear_model


def train() -> None:
    """Print how the classifier does on what is held out, train it on everything and write its weights."""
    _sklearn_linear_model()
    everything = corpus.sentences()
    samples = [Counter(classifiers.features_in(corpus.tokens_of(each))) for each in everything]
    known = [at for at, each in enumerate(everything) if not each.is_held_out]
    held = [at for at, each in enumerate(everything) if each.is_held_out]
    kinds = [each.kind for each in everything]
    tried = Classifier([samples[at] for at in known], [kinds[at] for at in known])
    report([everything[at] for at in held], tried.kinds, tried.shares([samples[at] for at in held]))
    Classifier(samples, kinds).save(WEIGHTS)
    print(f"{len(kinds)} sentences of {len(set(kinds))} kinds: {WEIGHTS.name}, {WEIGHTS.stat().st_size // 1000} kB")


def report(held: Sequence[Sentence], kinds: np.ndarray[Any, Any], shares: np.ndarray[Any, Any]) -> None:
    """Print how many of the sentences are right, and of those that the classifier is sure of."""
    is_right = kinds[shares.argmax(axis=1)] == np.array([each.kind for each in held])
    is_sure = shares.max(axis=1) >= _SURE
    print("language  held out   right    sure   right of those")
    for language, at in corpus.by_language(held):
        right, sure, right_of_sure = is_right[at].mean(), is_sure[at].mean(), is_right[at][is_sure[at]].mean()
        print(f"{language:8}  {len(at):8}  {right:6.1%}  {sure:6.1%}  {right_of_sure:15.1%}")


if __name__ == "__main__":
    train()

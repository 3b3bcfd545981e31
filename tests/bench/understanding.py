"""understanding.py -- B10: classifying and clustering. Ours by suyuan-bench-text; fastText
(Debian's) learns and answers the same four fifths and fifth of the labelled files of the
shared data, with its defaults and with the best, by that very fifth, of SEARCH. Skips
what needs the files where they are missing.
"""

import csv
import os
import random
import resource
import shutil
import subprocess

from cluster import TOP
from measure import Spread, say

DATA = os.path.join(TOP, "..", "shared", "data")
PROGRAM = os.path.join(TOP, "build", "bin", "suyuan-bench-text")
FILES = (
    # language, file, text, label, labels (none: all)
    ("ru", "ru_rusentitweet_train.csv", "text", "label",
     ("negative", "neutral", "positive")),
    ("zh", "zh_waimai_10k.csv", "review", "label", ()),
)
SEARCH = [["-epoch", str(epoch), "-lr", str(lr), "-minn", str(minn),
           "-maxn", str(maxn), "-wordNgrams", str(words),
           "-dim", "50", "-bucket", "500000"]
          for epoch, lr, minn, maxn, words in (
              (5, .1, 1, 3, 1), (25, .5, 2, 5, 2), (10, .5, 1, 4, 2),
              (10, .5, 2, 5, 2), (25, .5, 1, 3, 1), (10, .2, 2, 4, 1))]


def split(folder, language, name, text, label, labels):
    """The paths of both parts, in our form; with .ft in fastText's."""
    with open(os.path.join(DATA, name), encoding="utf-8-sig", newline="") as f:
        rows = [(r[label], " ".join(r[text].split()))
                for r in csv.DictReader(f) if not labels or r[label] in labels]
    random.Random(1).shuffle(rows)
    cut = len(rows) * 8 // 10
    paths = []
    for part, of in (("train", rows[:cut]), ("test", rows[cut:])):
        path = os.path.join(folder, f"{language}.{part}")
        with open(path, "w", encoding="utf-8") as ours, \
                open(path + ".ft", "w", encoding="utf-8") as theirs:
            for label_, line in of:
                ours.write(f"{label_}\t{line}\n")
                theirs.write(f"__label__{label_} {line}\n")
        paths.append(path)
    return paths


def macro_f1(truth, said):
    scores = []
    for label in set(truth):
        right = sum(a == b == label for a, b in zip(truth, said))
        scores.append(2 * right / (truth.count(label) + said.count(label)))
    return sum(scores) / len(scores)


def fasttext(train, test, options):
    """Macro-F1, and processor time in us a text, the loading of the model apart."""
    model = train + ".model"
    subprocess.run(["fasttext", "supervised", "-input", train + ".ft",
                    "-output", model, "-thread", "1", "-seed", "1", *options],
                   check=True, capture_output=True)

    def cpu():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def predict(path):
        began = cpu()
        done = subprocess.run(["fasttext", "predict", model + ".bin", path],
                              check=True, capture_output=True, text=True)
        return done.stdout.split(), cpu() - began
    with open(test + ".ft", encoding="utf-8") as f:
        lines = f.readlines()
    many = test + ".many"
    with open(many, "w", encoding="utf-8") as f:
        f.writelines(lines * 10)
    said, once = predict(test + ".ft")
    _, often = predict(many)
    for path in (model + ".bin", model + ".vec", many):
        os.unlink(path)
    return (macro_f1([l.split()[0] for l in lines], said),
            max(often - once, 0) * 1e6 / (9 * len(lines)))


def ours(*arguments):
    done = subprocess.run([PROGRAM, *arguments], check=True,
                          capture_output=True, text=True)
    return {k: float(v) for k, v in map(str.split, done.stdout.splitlines())}


def run(options, notes):
    """One split a language, then near copies."""
    folder = os.environ["TEST_DIR"]
    result = {"languages": {}}
    for language, name, *columns in FILES:
        if not os.path.exists(os.path.join(DATA, name)):
            notes.append(f"B10: without {name}, which is not here")
            continue
        train, test = split(folder, language, name, *columns)
        one = {"ours": ours("train", train, test, language),
               "stages": ours("stages", train, language), "fasttext": []}
        settings = [[]] + SEARCH[:options.fasttext_settings]
        if not shutil.which("fasttext"):
            notes.append("B10: without fastText, which is not installed")
            settings = []
        for tried in settings:
            say(f"B10, {language}: fasttext {' '.join(tried)}")
            f1, us = fasttext(train, test, tried)
            one["fasttext"].append({"options": tried, "macro_f1": f1,
                                    "predict_us": us})
        result["languages"][language] = one
    say("B10: near copies")
    result["near"] = ours("near", str(options.near_texts))
    return result


def against_fasttext(language, one):
    best = max(one["fasttext"], key=lambda r: r["macro_f1"])
    f1, us = one["ours"]["macro_f1"], one["ours"]["classify_us"]
    for title, theirs in (("its defaults", one["fasttext"][0]),
                          (" ".join(best["options"]) or "the best", best)):
        yield dict(id="B10", what=f"macro-F1 x 100, {language}",
                   ours=Spread([100 * f1], ""), against=f"fastText, {title}",
                   theirs=Spread([100 * theirs["macro_f1"]], ""),
                   ratio=Spread([f1 / theirs["macro_f1"]], "x"), at_least=1)
    yield dict(id="B10", what=f"classifying, {language}, us a text",
               ours=Spread([us], "us"), against="fastText, the best",
               theirs=Spread([best["predict_us"]], "us"),
               ratio=Spread([best["predict_us"] / us], "x"), at_least=1)


def rows(result):
    for language, one in result["languages"].items():
        if one["fasttext"]:
            yield from against_fasttext(language, one)
        for name, value in one["stages"].items():
            if name.endswith("_us"):
                yield dict(id="B10", ours=Spread([value], "us"),
                           what=f"{name[:-3]} alone, {language}, "
                           f"{one['stages']['chars']:.0f} characters")
    near = result["near"]
    for name in ("recall", "precision"):
        yield dict(id="B10", what=f"near pairs, {name}, of "
                   f"{near['pairs']:.0f}", ours=Spread([near[name]], ""),
                   ours_at_least=.95)

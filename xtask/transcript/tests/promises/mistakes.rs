//! Every mistake in a transcript is told with its line, its column, and what was expected.

use crate::support::{markdown, mistakes};

/// No gutters, each on the first line of the fence.
const NO_GUTTERS: &[&str] = &[
    "A |b",
    "A|b",
    "|x",
    " | x",
    "  A| x",
    "AB| x",
    "i|x",
    "a++| x",
    "A*| x",
    "A +| x",
    "+A| x",
    "3| x",
    "x.| y",
    "\t| x",
    "err2| x",
    "~~| x",
    "é| x",
    "i  in 0..5| x",
    "i in 0..| x",
    "I in 0..5| x",
    "i in 0..5 +| x",
    "12 letters a| x",
    "i in 0..=5| x",
    "i in [0, 5)| x",
    "i=0| x",
    "A-| x",
    "A:| x",
    "sixteen letters.| x",
];

/// Rows, and the mistake in them; the first row is on line 4.
const ROWS: &[(&str, &str)] = &[
    ("a| x", "4:1: expected `a in FIRST..END|` at the first row of `a`"),
    (
        "i in 0..5| x\ni in 0..2| y",
        "5:1: expected `i|`: another range for `i` may be given at its first row after a main row",
    ),
    ("i in 5..5| x", "4:6: expected a range with at least one number: the last is excluded"),
    ("i in 0..1001| x", "4:6: expected a range of at most 1000 numbers"),
    ("i in 0..99999999999| x", "4:6: expected numbers up to 4294967295"),
    ("i in 3..1| x", "4:6: expected a range with at least one number: the last is excluded"),
    ("i| x\ni in 0..2| y", "4:1: expected `i in FIRST..END|` at the first row of `i`"),
    ("~| ...", "4:4: `...` has a place in a lane or between main rows, not in `~`"),
    ("A+| ...", "4:5: `...` takes any number of lines by itself, without `+` or `?`"),
    ("+| ...", "4:4: `...` takes any number of lines by itself, without `+` or `?`"),
    ("A| {x", "4:4: expected `}` to close `{`, or `{{` for a brace"),
    ("A| }", "4:4: expected `}}` for a brace: this one closes nothing"),
    ("A| {}", "4:5: expected a name, `[A-Za-z][A-Za-z0-9_]*`, found nothing"),
    ("A| {1a=2}", "4:5: expected a name, `[A-Za-z][A-Za-z0-9_]*`, found `1a`"),
    ("A| {a b}", "4:5: expected a name, `[A-Za-z][A-Za-z0-9_]*`, found `a b`"),
    (
        "a {x=}",
        "4:6: expected a sample that is an integer, a decimal, a duration or a word, found nothing",
    ),
    (
        "a {x=1-2}",
        "4:6: expected a sample that is an integer, a decimal, a duration or a word, found `1-2`",
    ),
    (
        "a {x=b c}",
        "4:6: expected a sample that is an integer, a decimal, a duration or a word, found `b c`",
    ),
    ("{x}", "4:2: expected `{x=SAMPLE}`: no row binds `x`"),
    ("{x=1}\n{x=2}", "5:2: expected `{x}`: the value is bound on line 4 already"),
    ("{x=1} {x=1}", "4:8: expected `{x}`: the value is bound on line 4 already"),
    ("i in 0..2| {x=1}\nB| {x=1}", "5:5: expected `{x}`: the value is bound on line 4 already"),
    ("{x=1}{y=2}", "4:7: expected text between two values"),
    ("{x=1}{x}", "4:7: expected text between two values"),
    ("{x=1}0", "4:1: this row does not take its own sample `10`: a value takes all it can"),
    ("{x=1} [..]", "4:2: expected no name beside `[..]` but a lane letter"),
    ("i in 0..2| {i} [..]\nA| {i}", "5:5: `{i}` is known only in rows of `i`"),
    ("{A=1}\nA| x", "4:2: expected a name that is not spelled like the lane `A`"),
    ("A| {A}", "4:5: the lane `A` has no number to say here"),
    ("i in 0..2| {i=3}", "4:13: expected a name that is not spelled like the lane `i`"),
    ("+| {x=1}\n{x}", "5:2: `x` is bound in a `+` row, on line 4: no other row can say it"),
    (
        "i in 0..2| {x=1}\n{x}",
        "5:2: `x` is each lane's own, bound on line 4: only rows of those lanes can say it",
    ),
    (
        "i in 0..2| {x=1}\nm\ni in 0..2| {x}",
        "6:13: `x` is each lane's own, bound on line 4: only rows of those lanes can say it",
    ),
    ("[..]{x=1}", "4:6: expected no name beside `[..]` but a lane letter"),
    (
        "i in 0..2| a\nm\ni| b\ni in 0..3| c",
        "7:1: expected `i|`: another range for `i` may be given at its first row after a main row",
    ),
];
/// The rows on which the rules below stand.
const GIVEN: &str = "i in 0..2| a {i}\nA| b {n=1} {w=word} {t=1 ms}\nerr| only {e=1}";

/// Rules, and the mistake in them; the first bullet is on line 11.
const RULES: &[(&str, &str)] = &[
    ("never", "11:1: expected a bullet, `- ` and a rule, or an indented line that continues one"),
    (
        "- never",
        "11:3: expected one of the six rules: `A` before `B`; at most N between `A` and `B`; never `A`; `A {x}` ascending, descending or distinct; {x} < VALUE; sometimes `A`",
    ),
    ("- never x", "11:9: expected a pattern in backquotes"),
    ("- never `x", "11:10: expected a closing backquote"),
    ("- never ``", "11:10: expected a pattern with something in it"),
    ("- never `x` y", "11:12: expected the end of the rule"),
    (
        "- nothing",
        "11:3: expected one of the six rules: `A` before `B`; at most N between `A` and `B`; never `A`; `A {x}` ascending, descending or distinct; {x} < VALUE; sometimes `A`",
    ),
    (
        "* never `x`",
        "11:1: expected a bullet, `- ` and a rule, or an indented line that continues one",
    ),
    (
        "never `x`",
        "11:1: expected a bullet, `- ` and a rule, or an indented line that continues one",
    ),
    ("- at most `a`", "11:11: expected a number"),
    ("- at most 3 `a`", "11:12: expected ` between `"),
    ("- at most 3 between `a` or `b`", "11:24: expected ` and `"),
    ("- at most 3 between `a` and `b`, 2 reached", "11:34: expected `3 reached`"),
    ("- at most 3 between `a` and `b`, reached", "11:34: expected `3 reached`"),
    ("- at most 99999999999 between `a` and `b`", "11:11: expected a number up to 4294967295"),
    ("- `a` before b", "11:14: expected a pattern in backquotes"),
    (
        "- `a`",
        "11:6: expected ` before ` and a pattern, ` ascending`, ` descending` or ` distinct`",
    ),
    (
        "- `a` after `b`",
        "11:6: expected ` before ` and a pattern, ` ascending`, ` descending` or ` distinct`",
    ),
    ("- `b` before `{q}`", "11:16: expected `{q=SAMPLE}`: no row binds `q`"),
    ("- `{n} {w}` ascending", "11:4: expected exactly one name in the pattern, found 2"),
    ("- `a` ascending", "11:4: expected exactly one name in the pattern, found 0"),
    ("- `{w}` ascending", "11:9: expected `distinct`: words have no order here"),
    ("- `b {w}` descending", "11:11: expected `distinct`: words have no order here"),
    (
        "- `b {n}` sorted",
        "11:10: expected ` before ` and a pattern, ` ascending`, ` descending` or ` distinct`",
    ),
    (
        "- first 0 `b {n}` ascending",
        "11:9: expected 1 or more: the first 0 lines are always in order",
    ),
    ("- first x `b {n}` ascending", "11:9: expected a number"),
    ("- first 2 `b {n}` before `a`", "11:18: expected ` ascending`, ` descending` or ` distinct`"),
    ("- {q} < 3", "11:4: expected a name that a row of standard output binds, found `q`"),
    ("- {n < 3", "11:4: expected a name and `}`"),
    ("- {n} = 3", "11:6: expected ` < `, ` <= `, ` > ` or ` >= ` and a value"),
    ("- {n} < x", "11:9: expected a number, as `n` is one, found `x`"),
    ("- {n} < 3 ms", "11:9: expected a number, as `n` is one, found `3 ms`"),
    ("- {t} < 3", "11:9: expected a duration, as `t` is one, found `3`"),
    ("- {w} < x", "11:4: expected a number or a duration: `w` is a word"),
    ("- {e} < 3", "11:4: expected a name that a row of standard output binds, found `e`"),
    ("- {i} < 3", "11:4: expected a name that a row of standard output binds, found `i`"),
    ("- {n} <3", "11:6: expected ` < `, ` <= `, ` > ` or ` >= ` and a value"),
    (
        "- `b {n=word}` before `a`",
        "11:7: expected an integer as the sample: that is what `n` is in the rows",
    ),
    (
        "- `b {q=1}` before `a {q=x}`",
        "11:24: expected an integer as the sample: that is what `q` is before",
    ),
    ("- `b {A=1}` before `a`", "11:7: expected a name that is not spelled like the lane `A`"),
    ("- `a [..] {n}` before `a`", "11:12: expected no name beside `[..]` but a lane letter"),
    ("- never `{i} [..] {i}`", "11:20: expected `{i}` only once beside `[..]`"),
    ("- `{n}{w}` before `a`", "11:8: expected text between two values"),
    ("- `b {n` before `a`", "11:6: expected `}` to close `{`, or `{{` for a brace"),
    ("- never `x`.", "11:12: expected the end of the rule"),
    ("- never\n  `x` z", "12:6: expected the end of the rule"),
];

/// Transcripts that are wrong as a whole.
const PARTS: &[(&str, &str)] = &[
    ("", "1:1: expected a transcript: a heading `# Output`, and under it a fence marked `text`"),
    ("# Output\n\nhello\n", "1:1: expected a fence marked `text` under `# Output`"),
    ("# Output\n```\na\n```\n", "1:1: expected a fence marked `text` under `# Output`"),
    ("# Output\n```text\na\n", "2:1: expected the end of this fence"),
    ("# Output\n````text\na\n```\n", "2:1: expected the end of this fence"),
    ("# Output\n  ```text\n  a\n  ```\n", "2:1: expected this fence at the left margin"),
    (
        "# Output\n```text\na\n```\n```text\n```\n~~~text\n~~~\n",
        "5:1: expected one fence marked `text` under `# Output`; the first is on line 2\n\
         7:1: expected one fence marked `text` under `# Output`; the first is on line 2",
    ),
    ("# Output\n```text\n```\n", "2:1: expected a row in this fence"),
    ("# Output\n# Output\n```text\na\n```", "2:1: expected one `# Output`; the first is on line 1"),
    ("# Output\n```text\na\n```\n# Always\n\n", "5:1: expected a `-` bullet under `# Always`"),
    (
        "# Output\n```text\na\n```\n# Always\n- never `x`\n# Always\n- never `x`",
        "7:1: expected one `# Always`; the first is on line 5",
    ),
    (
        "# Output\n```text\na\n```\n# Always\n- never `x`\n\n```text\n```",
        "8:1: expected only `-` bullets under `# Always`, found a fence",
    ),
    (
        "# Output\n```text\na\n```\n# Always\n- never `x`\n## More\ntext",
        "7:1: expected a bullet, `- ` and a rule, or an indented line that continues one\n\
         8:1: expected a bullet, `- ` and a rule, or an indented line that continues one",
    ),
];

#[test]
fn what_could_be_a_mistyped_gutter_is_a_mistake() {
    for row in NO_GUTTERS {
        let told = mistakes(&markdown(row, ""));
        assert_eq!(
            told,
            "4:1: this is no gutter: expected `A|`, `i in 0..5|`, `i|`, `~|` or `err|`, each perhaps with `+` or `?` \
             before the bar, and a blank after it; a main row with a bar so early in its text begins with `| `",
            "{row}"
        );
    }
}

#[test]
fn a_mistake_in_the_rows_is_told_with_line_and_column() {
    for (rows, told) in ROWS {
        assert_eq!(mistakes(&markdown(rows, "")), *told, "{rows}");
    }
}

#[test]
fn a_mistake_in_the_rules_is_told_with_line_and_column() {
    for (rules, told) in RULES {
        assert_eq!(mistakes(&markdown(GIVEN, rules)), *told, "{rules}");
    }
}

#[test]
fn a_missing_or_doubled_part_is_a_mistake() {
    for (whole, told) in PARTS {
        assert_eq!(mistakes(whole), *told, "{whole}");
    }
}

#[test]
fn a_heading_that_is_nearly_one_of_the_two_is_a_mistake() {
    for heading in [
        "## Always",
        "# always",
        "# ALWAYS",
        "# Always:",
        "#Always",
        "# Allways",
        "# Alwasy",
        "# Always.",
        " # Always",
        "#\tAlways",
        "###### Always",
        "# Always #",
        "# **Always**",
        "# All ways",
    ] {
        let told = mistakes(&format!("# Output\n```text\na\n```\n{heading}\n- never `b`\n"));
        let column = 1 + heading.find('#').expect("it is a heading");
        assert_eq!(told, format!("5:{column}: expected `# Always`, found `{}`", heading.trim()));
    }
    for heading in ["## Output", "# output", "#Output", "# Ouput", "# Outputs"] {
        let told = mistakes(&format!("{heading}\n```text\na\n```\n"));
        assert_eq!(told, format!("1:1: expected `# Output`, found `{heading}`"));
    }
    for other in ["# Notes", "# Ways and means", "# Input", "## The output", "always", "`# always`"]
    {
        assert_eq!(mistakes(&format!("{other}\n# Output\n```text\na\n```\n")), "", "{other}");
    }
    // Not of this page, but of what it shows.
    let shown = "```md\n# always\n```\n# Output\n```text\n# always\n```\n";
    assert_eq!(mistakes(shown), "");
}

#[test]
fn all_mistakes_are_told_in_the_order_of_their_lines() {
    let rows = "A| {x}\nA|b\nfine\n{=1}";
    let lines: Vec<String> =
        mistakes(&markdown(rows, "")).lines().map(|l| l[..4].to_owned()).collect();
    assert_eq!(lines, ["5:1:", "7:2:"]);
    let lines: Vec<String> =
        mistakes(&markdown("A| {x}\n{y}", "- nope")).lines().map(|l| l[..4].to_owned()).collect();
    assert_eq!(lines, ["4:5:", "5:2:"]);
}

#[test]
fn a_rule_that_no_line_can_meet_is_a_mistake() {
    let never_met = "expected a pattern that matches a line some row of standard output can take: a rule that is never \
                     met checks nothing";
    let rows = "i in 0..3| task {i} took {n=1} ms\n~| v1.5-{t=1.5}x\nerr| only here";
    for pattern in
        ["task 3", "task {i} ms", "only", "took {n} m", "v1", "tasks", "task 1 took 1.5", "{i}y"]
    {
        for rule in [
            format!("- `{pattern}` before `task`"),
            format!("- at most 1 between `task` and `{pattern}`"),
            format!("- sometimes `{pattern}`"),
        ] {
            let column = 1 + rule.find(&format!("`{pattern}`")).unwrap_or(0) + 1;
            assert_eq!(
                mistakes(&markdown(rows, &rule)),
                format!("11:{column}: {never_met}"),
                "{rule}"
            );
        }
        assert_eq!(mistakes(&markdown(rows, &format!("- never `{pattern}`"))), "");
        // `...` counts as matching everything, but not on standard error.
        assert_eq!(
            mistakes(&markdown(&format!("{rows}\n..."), &format!("- sometimes `{pattern}`"))),
            ""
        );
        let err =
            mistakes(&markdown(&format!("{rows}\nerr| ..."), &format!("- sometimes `{pattern}`")));
        assert_eq!(err, format!("12:14: {never_met}"));
    }
    // A value takes all it can, so a decimal that ends before `.5` has a fraction; and after the
    // fraction a new number begins.
    let told = mistakes(&markdown("x {d=1.5}.5 end", "- sometimes `x 7.5 end`"));
    assert_eq!(told, format!("9:14: {never_met}"));
    assert_eq!(mistakes(&markdown("1.5.{n=7}", "- sometimes `8`")), "");
    for pattern in
        ["task 2", "task {i} took {n}", "took 12 ms", "v1.5", "v1.5-2x", "[..]x", "-7.25x", "{x=a}"]
    {
        assert_eq!(mistakes(&markdown(rows, &format!("- sometimes `{pattern}`"))), "", "{pattern}");
    }
}

#[test]
fn a_transcript_that_would_unroll_to_too_much_is_a_mistake() {
    let rows = "i in 0..1000| a\n".to_owned() + &"i| b\n".repeat(99);
    assert_eq!(mistakes(&markdown(rows.trim_end(), "")), "");
    assert_eq!(
        mistakes(&markdown(&format!("{rows}c"), "")),
        "104:1: expected at most 100000 rows in all lanes"
    );
}

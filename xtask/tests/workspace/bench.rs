//! A stand-in for a bench: it knows the command line and the format of `versus`, and nothing else.
//! The line below becomes its cases, each with what it does.

use std::{env, fs, process, thread};

const CASES: &[(&str, &str)] = &[/* cases */];

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let says = |word: &str| arguments.iter().any(|argument| argument == word);
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let json = value("--json").unwrap();
    if !says("--more") {
        // Listed, or tried out: then a wrong answer shows.
        let failing = |does: &str| does == "answers wrongly" && !says("--list");
        let cases = CASES.iter().map(|(name, does)| case(name, failing(does), 0));
        fs::write(json, report(&cases.collect::<Vec<_>>())).unwrap();
        return;
    }
    let name = value("--exact").unwrap();
    let (_, does) = CASES.iter().find(|(known, _)| known == name).unwrap();
    let round = 1 + fs::read_to_string(json).map_or(0, |text| text.matches("yardstick").count());
    eprintln!(r#"{{"case":"{name}","variant":"theirs","round":{round},"rounds":6}}"#);
    match *does {
        "crashes in round 2" if round == 2 => process::abort(),
        "gives up" => {
            eprintln!("no room for a pair");
            process::exit(2);
        }
        "leaves nothing" => return,
        "leaves rubbish" => return fs::write(json, "{\"format\":3}").unwrap(),
        "hangs in round 2" if round == 2 => {
            fs::write("pid", format!("{}\n", process::id())).unwrap();
            loop {
                thread::park();
            }
        }
        _ => {}
    }
    let fails = *does == "answers wrongly";
    fs::write(json, report(&[case(name, fails, round)])).unwrap();
    process::exit(fails.into());
}

fn report(cases: &[String]) -> String {
    let cases = cases.join(",");
    format!(
        r#"{{"format":3,"name":"stand-in","date":"2026-11-23T06:19:00Z","profile":"release",
            "machine":{{"cpu":"unknown","cores":2,"system":"none","load":null}},
            "settings":{{"seed":7,"rounds":6,"run_ms":10}},
            "circumstances":{{}},"cases":[{cases}]}}"#
    )
}

fn case(name: &str, fails: bool, rounds: usize) -> String {
    let round = r#"{"order":[0,1,2],"yardstick_ns":450000}"#;
    let ours = entry("ours", "ours", "context", 100, rounds);
    let theirs = if fails {
        let failure = r#"{"wrong":{"items":3,"expected":"6","found":"7"}}"#;
        let theirs = entry("theirs", "theirs", "peer", 80, 0);
        theirs.replace("}}", &format!("}},\"failure\":{failure}}}"))
    } else {
        entry("theirs", "theirs", "peer", 80, rounds)
    };
    format!(
        r#"{{"name":"{name}","item":"pair","point":null,"rounds":[{}],"measured_again":0,
            "baseline":{ours},"again":{},"variants":[{theirs}]}}"#,
        vec![round; rounds].join(","),
        samples(100, rounds)
    )
}

fn entry(id: &str, label: &str, role: &str, nanoseconds: u64, rounds: usize) -> String {
    let (items, samples) = (usize::from(rounds > 0), samples(nanoseconds, rounds));
    format!(
        r#"{{"id":"{id}","label":"{label}","role":"{role}","items":{items},"samples":{samples}}}"#
    )
}

fn samples(nanoseconds: u64, rounds: usize) -> String {
    let samples = vec![nanoseconds.to_string(); rounds].join(",");
    format!(r#"{{"wall_ns":[{samples}],"cpu_ns":[{samples}]}}"#)
}

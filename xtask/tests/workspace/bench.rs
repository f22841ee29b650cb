//! A stand-in for a bench: it knows the command line and the format of `versus`, and nothing else.
//! The line below becomes its cases, each with what it does.

use std::{env, fs, process, thread};

const CASES: &[(&str, &str)] = &[/* cases */];

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let json = value("--json").unwrap();
    if arguments.iter().any(|argument| argument == "--list") {
        let cases: Vec<String> = CASES.iter().map(|(name, does)| case(name, does, 0)).collect();
        fs::write(json, report(&cases)).unwrap();
        return;
    }
    let name = value("--exact").unwrap();
    let (_, does) = CASES.iter().find(|(known, _)| known == name).unwrap();
    eprintln!(r#"{{"case":"{name}","variant":"theirs","round":2,"rounds":6}}"#);
    match *does {
        "crashes" => process::abort(),
        "gives up" => {
            eprintln!("no room for a pair");
            process::exit(2);
        }
        "leaves nothing" => return,
        "leaves rubbish" => return fs::write(json, "{\"format\":1}").unwrap(),
        "hangs" => {
            fs::write("pid", format!("{}\n", process::id())).unwrap();
            loop {
                thread::park();
            }
        }
        _ => fs::write(json, report(&[case(name, does, 6)])).unwrap(),
    }
    process::exit(i32::from(*does == "answers wrongly"));
}

fn report(cases: &[String]) -> String {
    let cases = cases.join(",");
    format!(
        r#"{{"format":1,"name":"stand-in","date":"2026-11-23T06:19:00Z","profile":"release",
            "machine":{{"cpu":"unknown","cores":2,"system":"none","load":null}},
            "settings":{{"seed":7,"rounds":6,"run_ms":10}},
            "circumstances":{{}},"cases":[{cases}]}}"#
    )
}

fn case(name: &str, does: &str, rounds: usize) -> String {
    let round = r#"{"order":[0,1,2],"others":0.0}"#;
    let mut entries = vec![entry("ours", 100, rounds), entry("ours", 100, rounds)];
    entries.push(if does == "answers wrongly" && rounds > 0 {
        let failure = r#"{"wrong":{"items":3,"expected":"6","found":"7"}}"#;
        format!(r#"{{"name":"theirs","items":0,"wall_ns":[],"cpu_ns":[],"failure":{failure}}}"#)
    } else {
        entry("theirs", 80, rounds)
    });
    format!(
        r#"{{"name":"{name}","item":"pair","point":null,"rounds":[{}],"measured_again":0,
            "entries":[{}]}}"#,
        vec![round; rounds].join(","),
        entries.join(",")
    )
}

fn entry(name: &str, nanoseconds: u64, rounds: usize) -> String {
    let samples = vec![nanoseconds.to_string(); rounds].join(",");
    let items = usize::from(rounds > 0);
    format!(r#"{{"name":"{name}","items":{items},"wall_ns":[{samples}],"cpu_ns":[{samples}]}}"#)
}

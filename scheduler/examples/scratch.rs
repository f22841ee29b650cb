use scheduler::*;
use std::time::Instant;
fn main() {
    for tasks in [2usize, 100, 10_000] {
    let n = 20_000_000 / tasks;
    let mut s = Scheduler::new().unwrap();
    for _ in 0..tasks { s.spawn(async move { for _ in 0..n { yield_now().await } }); }
    let t = Instant::now();
    println!("{:?}", s.run().unwrap());
    let e = t.elapsed();
    println!("{tasks}: {:.1} ns a switch, {:.1} M/s", e.as_nanos() as f64 / (n*tasks) as f64, (n*tasks) as f64 / e.as_secs_f64()/1e6);
    use futures::executor::LocalPool; use futures::task::LocalSpawnExt;
    let mut p = LocalPool::new();
    for _ in 0..tasks { p.spawner().spawn_local(async move { for _ in 0..n { yield_now().await } }).unwrap(); }
    let t = Instant::now(); p.run();
    let e = t.elapsed();
    println!("{tasks}: LocalPool {:.1} ns a switch, {:.1} M/s", e.as_nanos() as f64 / (n*tasks) as f64, (n*tasks) as f64 / e.as_secs_f64()/1e6);
    use futures::stream::*;
    let mut p: FuturesUnordered<_> = (0..tasks).map(|_| async move { for _ in 0..n { yield_now().await } }).collect();
    let t = Instant::now(); futures::executor::block_on(async { while p.next().await.is_some() {} });
    let e = t.elapsed();
    println!("{tasks}: FuturesUnordered {:.1} ns a switch, {:.1} M/s", e.as_nanos() as f64 / (n*tasks) as f64, (n*tasks) as f64 / e.as_secs_f64()/1e6);
    }
}

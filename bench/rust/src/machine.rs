//! Time and memory, as the system counts them.

use std::fs;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

/// µs of CPU time that one call takes, over so many calls, each given its number. All must succeed.
pub fn time_of(call: &dyn Fn(usize) -> bool, calls: usize) -> f64 {
    let began = thread_time();
    for number in 0..calls {
        assert!(black_box(call(black_box(number))), "a call that was to succeed failed");
    }
    (thread_time() - began) / calls as f64
}

/// µs of wall time for one call of a thread, while so many threads make so many calls each. The second
/// number that a call is given is its thread's.
pub fn wall_of(call: &(dyn Fn(usize, usize) -> bool + Sync), threads: usize, calls: usize) -> f64 {
    let barrier = Barrier::new(threads);
    let run = |thread: usize| {
        barrier.wait();
        let began = Instant::now();
        for number in 0..calls {
            assert!(black_box(call(black_box(number), thread)), "a call that was to succeed failed");
        }
        (began, Instant::now())
    };
    let run = &run;
    let spans: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|number| scope.spawn(move || run(number))).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let began = spans.iter().map(|(began, _)| *began).min().unwrap();
    let ended = spans.iter().map(|(_, ended)| *ended).max().unwrap();
    (ended - began).as_secs_f64() * 1e6 / calls as f64
}

/// µs of CPU time that this thread has taken.
pub fn thread_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// Memory of this process that is resident, in octets.
pub fn resident_bytes() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * rustix::param::page_size()
}

/// File descriptors that this process holds open, the one that counts them left out.
pub fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count() - 1
}

/// Threads of this process.
pub fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

//! Requests whose response nobody waits for any more are not sent, so that they do not stand in the way of others.
#![allow(clippy::unwrap_used)]

use std::sync::mpsc;

use ipmi_core::{NetFn, Request, Response, Target};
use kernel_bridge::transport::InProcess;
use kernel_bridge::{Bmc, Options};

#[test]
fn what_was_dropped_before_its_turn_is_not_sent() {
    let (begun, begins) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    let transport = InProcess::new(Box::new(move |request: &Request| {
        begun.send(request.cmd).unwrap();
        // The first one holds up those behind it.
        if request.cmd == 1 {
            wait.recv().unwrap();
        }
        Response::ok([request.cmd])
    }));
    let bmc = Bmc::from_transport("slow", Box::new(transport), Options::default()).unwrap();
    let submit = |cmd| bmc.submit(Target::Bmc, Request::new(NetFn::APP, cmd, []));
    let first = submit(1);
    assert_eq!(begins.recv(), Ok(1));
    let unwanted: Vec<_> = (2..10).map(submit).collect();
    let wanted = submit(10);
    drop(unwanted);
    go_on.send(()).unwrap();
    assert_eq!(wanted.wait(), Ok(Response::ok([10])));
    assert_eq!(first.wait(), Ok(Response::ok([1])));
    drop(bmc);
    assert_eq!(begins.iter().collect::<Vec<_>>(), [10]);
}

//! The VM face: OpenIPMI's protocol between a machine and its BMC over TCP (QEMU `ipmi-bmc-extern`).

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use crossbeam_channel::Receiver;
use ipmi_core::link::system_message;
use ipmi_core::link::vm::{self, Capabilities, Decoder, Frame, ToBmc, ToMachine};

use super::Face;
use super::wake::{Waker, wait};
use crate::chassis::PowerAction;
use crate::engine::{Handle, Notice};

/// A host that does not read for this long loses its connection.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Hosts connected at the same time; more are turned away.
const MAX_CONNECTIONS: usize = 16;

/// Serves `bmc` on `address`; port 0 takes a free one.
///
/// # Errors
/// When the address cannot be listened on.
pub fn start(bmc: Handle, address: SocketAddr) -> io::Result<Face> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?.to_string();
    Face::spawn("vm", address, move |stop| serve(&listener, &bmc, &stop))
}

fn serve(listener: &TcpListener, bmc: &Handle, stop: &Waker) {
    let mut connections: Vec<std::thread::JoinHandle<()>> = Vec::new();
    loop {
        match wait([stop.as_fd(), listener.as_fd()], None) {
            Ok([false, _]) => {}
            Ok([true, _]) => break,
            Err(error) => {
                tracing::error!("the VM face stops: {error}");
                break;
            }
        }
        let (stream, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            Err(error) => {
                if error.kind() != io::ErrorKind::WouldBlock {
                    // Out of file descriptors, most likely: do not spin until some are free.
                    tracing::warn!("cannot accept a connection: {error}");
                    std::thread::sleep(ACCEPT_PAUSE);
                }
                continue;
            }
        };
        connections.retain(|connection| !connection.is_finished());
        if connections.len() >= MAX_CONNECTIONS {
            tracing::warn!(%peer, "too many connections: turned away");
            continue;
        }
        let (bmc, stop) = (bmc.clone(), stop.clone());
        let thread = std::thread::Builder::new().name("vm-connection".into()).spawn(move || {
            tracing::debug!(%peer, "connected");
            match Connection::open(stream, bmc).and_then(|mut connection| connection.run(&stop)) {
                Ok(()) => tracing::debug!(%peer, "disconnected"),
                Err(error) => tracing::debug!(%peer, "disconnected: {error}"),
            }
        });
        connections.extend(thread);
    }
    for connection in connections {
        let _ = connection.join();
    }
}

struct Connection {
    stream: TcpStream,
    bmc: Handle,
    waker: Waker,
    notices: Receiver<Notice>,
    decoder: Decoder,
    capabilities: Option<Capabilities>,
    /// State to tell once the machine said that it can be told.
    attention: ToMachine,
    interrupts: bool,
    /// Orders for the machine that wait until the response to the request that caused them is out.
    orders: Vec<ToMachine>,
}

impl Connection {
    fn open(stream: TcpStream, bmc: Handle) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(false)?;
        stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
        let waker = Waker::new()?;
        let notices = bmc.subscribe(waker.clone());
        Ok(Self {
            stream,
            bmc,
            waker,
            notices,
            decoder: Decoder::default(),
            capabilities: None,
            attention: ToMachine::NoAttention,
            interrupts: false,
            orders: Vec::new(),
        })
    }

    fn run(&mut self, stop: &Waker) -> io::Result<()> {
        self.stream.write_all(&vm::emit_to_machine(ToMachine::Version(vm::VERSION)))?;
        let mut buffer = [0; 1024];
        loop {
            let [stopped, readable, noticed] = wait([stop.as_fd(), self.stream.as_fd(), self.waker.as_fd()], None)?;
            if stopped {
                return Ok(());
            }
            if noticed {
                self.waker.clear();
                self.tell()?;
                self.order()?;
            }
            if readable {
                let count = self.stream.read(&mut buffer)?;
                if count == 0 {
                    return Ok(());
                }
                for byte in buffer.iter().take(count) {
                    match self.decoder.push(*byte) {
                        None => {}
                        Some(Ok(frame)) => self.frame(frame)?,
                        Some(Err(error)) => tracing::debug!("bad frame: {error}"),
                    }
                }
            }
        }
    }

    fn frame(&mut self, frame: Frame) -> io::Result<()> {
        match frame {
            Frame::Message { sequence, bytes } => match system_message::parse_request(&bytes) {
                Ok(request) => {
                    let response = self.bmc.ask(request.clone());
                    // Attention and interrupt enables as they are after the request go before its response.
                    self.tell()?;
                    self.stream.write_all(&vm::emit_response(sequence, &request, &response))?;
                    self.order()
                }
                Err(error) => {
                    tracing::debug!("bad request: {error}");
                    Ok(())
                }
            },
            Frame::Control { id, argument } => match ToBmc::parse(id, argument) {
                ToBmc::Capabilities(capabilities) => {
                    self.capabilities = Some(capabilities);
                    // Only a machine that can be switched off is one: management software announces attention alone.
                    if capabilities.contains(Capabilities::POWER) {
                        self.bmc.with(|bmc, now| bmc.machine_connected(now));
                    }
                    self.send(self.attention)?;
                    if self.interrupts { self.send(ToMachine::EnableInterrupt) } else { Ok(()) }
                }
                // A reset of the machine does not concern the BMC, which has its own power.
                ToBmc::Version(_) | ToBmc::WasReset => Ok(()),
                ToBmc::Unknown(id) => {
                    tracing::debug!(id, "unknown control message");
                    Ok(())
                }
            },
        }
    }

    /// Tells the machine what changed; what it is to do is kept for [`Self::order`].
    fn tell(&mut self) -> io::Result<()> {
        while let Ok(notice) = self.notices.try_recv() {
            let control = match notice {
                Notice::Attention { on, interrupt } => {
                    self.attention = match (on, interrupt) {
                        (false, _) => ToMachine::NoAttention,
                        (true, false) => ToMachine::Attention,
                        (true, true) => ToMachine::AttentionInterrupt,
                    };
                    self.attention
                }
                Notice::Consoles => continue,
                Notice::Interrupts(on) if on == self.interrupts => continue,
                Notice::Interrupts(on) => {
                    self.interrupts = on;
                    if on { ToMachine::EnableInterrupt } else { ToMachine::DisableInterrupt }
                }
                Notice::Power(action) => {
                    self.orders.extend(order_for(action));
                    continue;
                }
            };
            self.send(control)?;
        }
        Ok(())
    }

    fn order(&mut self) -> io::Result<()> {
        for order in std::mem::take(&mut self.orders) {
            self.send(order)?;
        }
        Ok(())
    }

    /// Sends a control message, if the machine announced that it understands it.
    fn send(&mut self, control: ToMachine) -> io::Result<()> {
        let able = self.capabilities.unwrap_or(Capabilities::empty());
        if control.needs().is_some_and(|needed| !able.contains(needed)) {
            return Ok(());
        }
        self.stream.write_all(&vm::emit_to_machine(control))
    }
}

/// The order for a machine; none to switch it on, because a machine that is off is not connected.
fn order_for(action: PowerAction) -> Option<ToMachine> {
    match action {
        PowerAction::On => None,
        PowerAction::Off => Some(ToMachine::PowerOff),
        PowerAction::Reset => Some(ToMachine::Reset),
        PowerAction::DiagnosticInterrupt => Some(ToMachine::Nmi),
        PowerAction::GracefulShutdown => Some(ToMachine::GracefulShutdown),
    }
}

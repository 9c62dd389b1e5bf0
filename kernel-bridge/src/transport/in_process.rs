//! A BMC inside the process: requests go to a function.

use std::time::{Duration, Instant};

use ipmi_core::{Request, Response, Target};

use super::{Failure, Notice, Transport};

/// How often the attention function is asked while idle.
const ATTENTION_INTERVAL: Duration = Duration::from_millis(100);

/// What answers requests.
pub type Handler = Box<dyn FnMut(&Request) -> Response + Send>;

/// A transport whose BMC is a function.
///
/// ```
/// use ipmi_core::{CompletionCode, NetFn, Request, Response, Target};
/// use kernel_bridge::{Bmc, Options, transport::InProcess};
/// let transport = InProcess::new(Box::new(|_: &Request| Response::refused(CompletionCode::INVALID_COMMAND)));
/// let bmc = Bmc::from_transport("test", Box::new(transport), Options::default()).unwrap();
/// let response = bmc.raw(Target::Bmc, &Request::new(NetFn::APP, 1, [])).unwrap();
/// assert_eq!(response.code, CompletionCode::INVALID_COMMAND);
/// ```
pub struct InProcess {
    handler: Handler,
    attention: Option<Box<dyn FnMut() -> bool + Send>>,
}

impl InProcess {
    /// A BMC that answers with `handler`.
    pub fn new(handler: Handler) -> Self {
        Self { handler, attention: None }
    }

    /// Adds the function that tells whether the BMC's SMS_ATN is set.
    #[must_use]
    pub fn with_attention(mut self, attention: impl FnMut() -> bool + Send + 'static) -> Self {
        self.attention = Some(Box::new(attention));
        self
    }
}

impl Transport for InProcess {
    fn exchange(&mut self, _target: Target, request: &Request, _deadline: Instant) -> Result<Response, Failure> {
        Ok((self.handler)(request))
    }

    fn notice(&mut self) -> Result<Option<Notice>, Failure> {
        Ok(self.attention.as_mut().is_some_and(|attention| attention()).then_some(Notice::Attention))
    }

    fn notice_interval(&self) -> Option<Duration> {
        self.attention.as_ref().map(|_| ATTENTION_INTERVAL)
    }
}

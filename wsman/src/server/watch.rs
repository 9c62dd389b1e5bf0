//! Sees Content-Length lines in what a connection receives: the HTTP library drops that header silently when the
//! request is chunked as well, but such a request is how smuggling begins and is refused (RFC 9112 s6.1).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const PATTERN: &[u8] = b"\ncontent-length";

/// A stream that notes in a flag when a line begins with `Content-Length`.
pub(super) struct Watched<S> {
    stream: S,
    seen: Arc<AtomicBool>,
    matched: usize,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, seen: Arc<AtomicBool>) -> Self {
        Self { stream, seen, matched: 0 }
    }

    fn look(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.matched = match PATTERN.get(self.matched) {
                Some(expected) if expected.eq_ignore_ascii_case(byte) => self.matched + 1,
                // The pattern has its first byte only once, so nothing else can have begun in between.
                _ => usize::from(*byte == b'\n'),
            };
            if self.matched == PATTERN.len() {
                self.seen.store(true, Ordering::Relaxed);
                self.matched = 0;
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.look(buffer.filled().get(before..).unwrap_or_default());
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_line_however_it_is_cut() {
        for chunks in
            [&["POST /\r\nContent-Length: 5"][..], &["a\r\n\ncont", "ENT-len", "gth"], &["\n\ncontent-length"]]
        {
            let seen = Arc::new(AtomicBool::new(false));
            let mut watched = Watched::new((), seen.clone());
            chunks.iter().for_each(|chunk| watched.look(chunk.as_bytes()));
            assert!(seen.load(Ordering::Relaxed), "{chunks:?}");
        }
        let seen = Arc::new(AtomicBool::new(false));
        Watched::new((), seen.clone()).look(b"X-Content-Length: 5\r\ncontent-lengt\nh");
        assert!(!seen.load(Ordering::Relaxed));
    }
}

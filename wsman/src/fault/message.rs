//! What numbers in WSManFault mean when no row of the fault table has them: Win32 errors, HRESULTs, client and shell
//! numbers.

use super::FaultKind;

/// Explains a number: the fault table first, then CIM statuses, then this list.
pub fn explain(number: u32) -> Option<&'static str> {
    let fault = FaultKind::ALL.iter().find(|fault| fault.number() == number).map(|fault| fault.text());
    let status = || cim::Status::ALL.iter().find(|status| status.hresult() == number).map(|status| status.text());
    let other = || OTHERS.iter().find(|(code, _)| *code == number).map(|(_, text)| *text);
    fault.or_else(status).or_else(other)
}

const OTHERS: &[(u32, &str)] = &[
    (87, "A parameter is wrong."),
    (995, "The operation was aborted."),
    (1223, "The operation was cancelled by the user."),
    (1326, "The user name or the password is wrong."),
    (1717, "The interface is unknown."),
    (0x8007_0002, "The program or file was not found."),
    (0x8007_0005, "Access is denied."),
    (0x8007_0057, "A parameter is wrong."),
    (2_150_858_754, "The resource URI is malformed."),
    (2_150_858_755, "The provider failed."),
    (2_150_858_782, "The delivery mode is not available."),
    (2_150_858_790, "The envelope is larger than allowed."),
    (2_150_858_791, "The SOAP body is not valid."),
    (2_150_858_796, "The encoding is not supported."),
    (2_150_858_869, "The media type is not supported."),
    (2_150_858_897, "The fragment path is missing."),
    (2_150_858_909, "No user is mapped to the certificate."),
    (2_150_858_974, "Unencrypted traffic is disabled in the client."),
    (2_150_858_975, "Basic authentication is disabled in the client."),
    (2_150_858_976, "Digest authentication is disabled in the client."),
    (2_150_858_977, "Negotiate authentication is disabled in the client."),
    (2_150_858_978, "Kerberos authentication is disabled in the client."),
    (2_150_858_979, "Certificate authentication is disabled in the client."),
    (2_150_858_980, "The server is not among the trusted hosts."),
    (2_150_858_981, "Explicit credentials are required."),
    (2_150_859_001, "The message cannot be decrypted."),
    (2_150_859_003, "A class URI cannot carry a WQL filter."),
    (2_150_859_010, "The provider is not capable of the operation."),
    (2_150_859_012, "The WMI service denied access."),
    (2_150_859_013, "The WMI provider denied access."),
    (2_150_859_014, "Access was denied when connecting to WMI."),
    (2_150_859_016, "The key is not valid for an enumeration."),
    (2_150_859_019, "Kerberos cannot be used with an IP address."),
    (2_150_859_025, "The server answered with HTTP status 413."),
    (2_150_859_026, "The server answered with HTTP status 503."),
    (2_150_859_027, "The server answered with HTTP status 404."),
    (2_150_859_032, "The name of a selector is not valid."),
    (2_150_859_046, "The client waited too long for the network."),
    (2_150_859_047, "A Receive is pending already."),
    (2_150_859_065, "The class is not one of DMTF."),
    (2_150_859_066, "The DMTF version in the URI is wrong."),
    (2_150_859_067, "The resource URI and the __cimnamespace selector name different namespaces."),
    (2_150_859_071, "The configuration property is read-only."),
    (2_150_859_072, "The code page is not supported."),
    (2_150_859_099, "The shell URI is unknown."),
    (2_150_859_113, "The configuration was refused on a public network."),
    (2_150_859_120, "The server answered with HTTP status 500."),
    (2_150_859_121, "The server answered with HTTP status 400."),
    (2_150_859_141, "The CommandId is missing."),
    (2_150_859_147, "The input stream is unknown."),
    (2_150_859_149, "The output stream is unknown."),
    (2_150_859_174, "The user has too many operations running."),
    (2_150_859_175, "The load of the user is too high."),
    (2_150_859_176, "The load of the system is too high."),
    (2_150_859_179, "Too many users have shells."),
    (2_150_859_180, "Remote shells are disabled."),
    (2_150_859_181, "The parameters of Pull differ from those of Enumerate."),
    (2_150_859_192, "The channel binding hardening level is not valid."),
    (2_150_859_193, "The host name cannot be resolved."),
    (2_150_859_194, "The TLS connection was aborted."),
    (2_150_859_200, "An enumeration of commands needs a filter."),
    (2_150_859_201, "An enumeration of commands cannot return endpoint references."),
    (2_150_859_204, "The shell is disconnected."),
    (2_150_859_205, "The shell cannot be disconnected."),
    (2_150_859_212, "The command was terminated."),
    (2_150_859_213, "The shell is connected to another client."),
    (2_150_859_222, "The proposed CommandId is in use."),
    (2_150_859_223, "The proposed ShellId is in use."),
    (2_150_859_229, "Remote access is disabled by the policy of the listener."),
    (2_150_859_230, "The service disconnected the stream."),
    (2_150_859_248, "Mutual authentication failed."),
    (2_150_859_250, "IdleTimeOut is out of bounds."),
    (2_150_859_256, "The destination is not valid."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_explained_once() {
        for (index, (number, _)) in OTHERS.iter().enumerate() {
            assert!(OTHERS[..index].iter().all(|(other, _)| other != number), "{number}");
            assert!(FaultKind::ALL.iter().all(|fault| fault.number() != *number), "{number}");
        }
        assert_eq!(explain(5), Some("Access is denied."));
        assert_eq!(explain(2_147_749_890), Some("The object was not found"));
        assert_eq!(explain(1), None);
    }
}

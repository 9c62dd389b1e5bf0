//! Bytes in configuration and state files: hexadecimal digits.

/// Bytes from hexadecimal digits; blanks between them do not count.
pub(crate) fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| {
            character.to_digit(16).ok_or_else(|| format!("expected hexadecimal digits, found `{character}`"))
        })
        .collect::<Result<_, _>>()?;
    if !digits.len().is_multiple_of(2) {
        return Err(format!("expected pairs of hexadecimal digits, found {} digits", digits.len()));
    }
    let (pairs, _) = digits.as_chunks::<2>();
    Ok(pairs.iter().map(|[high, low]| u8::try_from(high << 4 | low).unwrap_or_default()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_digits_with_blanks_anywhere() {
        assert_eq!(bytes("00 fF\n1 2"), Ok(vec![0x00, 0xFF, 0x12]));
        assert_eq!(bytes(""), Ok(vec![]));
        assert!(bytes("123").unwrap_err().contains("found 3 digits"));
        assert!(bytes("0x").unwrap_err().contains("found `x`"));
        assert!(bytes("\u{e9}\u{e9}").is_err());
    }
}

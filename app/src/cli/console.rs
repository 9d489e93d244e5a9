//! Where the command line reads and writes: results to standard output, prompts and notes to standard error, answers from
//! the terminal or, without one, from lines of standard input.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use anyhow::{bail, ensure, Context, Result};
use zeroize::Zeroizing;

use super::output::{self, Format};
use crate::keys::{check_new_passphrase, Passphrase, Passphrases};

/// The most that is read of a file or of standard input, in bytes.
const INPUT_MAX: u64 = 64 << 20;

/// Removes the rest of a terminal's line.
const CLEAR: &str = "\x1b[K";

/// The streams of one run.
pub(super) struct Console {
    input: Box<dyn BufRead>,
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// Whether a person answers prompts.
    interactive: bool,
    /// Whether a person sees how far long work has got.
    watched: bool,
    colour: bool,
    format: Format,
}

impl Console {
    /// The process's own streams. Colours only where standard output is a terminal and `NO_COLOR` is not set.
    pub fn of_process(format: Format) -> Self {
        Self {
            input: Box::new(io::stdin().lock()),
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            interactive: io::stdin().is_terminal(),
            watched: io::stderr().is_terminal(),
            colour: has_colours(&io::stdout()),
            format,
        }
    }

    #[cfg(test)]
    pub(super) fn for_tests(
        input: &str,
        out: impl Write + 'static,
        err: impl Write + 'static,
        format: Format,
    ) -> Self {
        Self {
            input: Box::new(io::Cursor::new(input.as_bytes().to_vec())),
            out: Box::new(out),
            err: Box::new(err),
            interactive: false,
            watched: false,
            colour: false,
            format,
        }
    }

    /// How results are written.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Whether results may have colours.
    pub const fn has_colour(&self) -> bool {
        self.colour
    }

    /// Writes a result given as JSON: as it stands on one line, or as text for people.
    ///
    /// # Errors
    /// Standard output is closed, or `json` is not JSON.
    pub fn emit(&mut self, json: &str) -> Result<()> {
        match self.format {
            Format::Json => self.print(json),
            Format::Text => {
                let text = output::render(json, self.colour)?;
                self.print(&text)
            }
        }
    }

    /// Writes a result that can be serialized, as [`emit`](Self::emit).
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn emit_value(&mut self, value: &impl serde::Serialize) -> Result<()> {
        self.emit(&serde_json::to_string(value)?)
    }

    /// Writes a line to standard output.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn print(&mut self, line: &str) -> Result<()> {
        writeln!(self.out, "{}", line.trim_end_matches('\n'))?;
        Ok(self.out.flush()?)
    }

    /// Writes a line to standard error. That it can't be written is no reason to stop.
    pub fn note(&mut self, line: &str) {
        let _ = writeln!(self.err, "{line}");
    }

    /// Shows how far long work has got, in place of what was shown before, where a terminal shows it; nothing removes it.
    pub fn progress(&mut self, line: &str) {
        if self.watched {
            let _ = write!(self.err, "\r{line}{CLEAR}").and_then(|()| self.err.flush());
        }
    }

    /// Asks for a line; `None` at the end of input.
    ///
    /// # Errors
    /// The input cannot be read or is not UTF-8.
    pub fn ask(&mut self, prompt: &str) -> Result<Option<String>> {
        let _ = write!(self.err, "{prompt}").and_then(|()| self.err.flush());
        let mut line = String::new();
        let read = self.input.read_line(&mut line).context("cannot read standard input")?;
        Ok((read > 0).then(|| line.trim_end_matches(['\n', '\r']).to_owned()))
    }

    /// All that is left of standard input.
    ///
    /// # Errors
    /// The input cannot be read, is not UTF-8 or too long.
    pub fn read_input(&mut self) -> Result<String> {
        read_text(&mut self.input, "standard input")
    }

    /// Asks for a secret line, which a terminal does not show; `None` at the end of input.
    ///
    /// # Errors
    /// The input cannot be read or is not UTF-8.
    pub fn ask_secret(&mut self, prompt: &str) -> Result<Option<Passphrase>> {
        if self.interactive {
            let entered = rpassword::prompt_password(prompt).context("cannot read from the terminal")?;
            return Ok(Some(Zeroizing::new(entered)));
        }
        Ok(self.ask("")?.map(Zeroizing::new))
    }

    /// Asks for a new passphrase twice. Without a terminal the second line may be missing.
    ///
    /// # Errors
    /// There is no line, the passphrase is too short, or the second differs.
    pub fn ask_new_passphrase(&mut self, prompt: &str) -> Result<Passphrase> {
        let first = self.ask_secret(prompt)?;
        let first = first.context("a passphrase is needed: give it as a line of standard input")?;
        check_new_passphrase(&first)?;
        match self.ask_secret("Repeat the passphrase: ")? {
            Some(second) => ensure!(*first == *second, "the two passphrases differ: nothing was changed"),
            None => ensure!(!self.interactive, "the passphrase was not repeated: nothing was changed"),
        }
        Ok(first)
    }

    /// Asks a yes-or-no question; no is the default.
    ///
    /// # Errors
    /// The answer is no, or there is none.
    pub fn confirm(&mut self, question: &str) -> Result<()> {
        let answer = self.ask(&format!("{question} [y/N]: "))?;
        match answer.as_deref().map(str::trim) {
            Some("y" | "Y" | "yes" | "Yes" | "YES") => Ok(()),
            Some(_) => bail!("cancelled: nothing was done"),
            None => bail!("cancelled, for want of an answer: use --yes to go on without asking"),
        }
    }
}

/// The text of a file or a stream, which errors call `name`.
///
/// # Errors
/// It cannot be read, is not UTF-8 or has more than [`INPUT_MAX`] bytes.
pub(super) fn read_text(input: impl Read, name: &str) -> Result<String> {
    let mut bytes = Vec::new();
    input.take(INPUT_MAX + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {name}"))?;
    ensure!(
        bytes.len() as u64 <= INPUT_MAX,
        "{name} has more than {} MiB: that is too much for transactions",
        INPUT_MAX >> 20
    );
    String::from_utf8(bytes).with_context(|| format!("cannot read {name}"))
}

/// Whether a stream shows colours: it is a terminal, and `NO_COLOR` is not set.
pub(super) fn has_colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

impl Passphrases for Console {
    fn existing(&mut self, attempt: u32) -> Result<Option<Passphrase>> {
        let again = if attempt == 1 { "" } else { "Wrong passphrase. " };
        self.ask_secret(&format!("{again}Keyring passphrase: "))
    }

    fn new_keyring(&mut self) -> Result<Passphrase> {
        self.note("This keyring is new. Its passphrase encrypts every key in it and can't be recovered.");
        self.ask_new_passphrase("New keyring passphrase: ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_that_is_too_long_is_refused_and_never_cut() {
        let endless = read_text(io::repeat(b'x'), "standard input").unwrap_err().to_string();
        assert_eq!(endless, "standard input has more than 64 MiB: that is too much for transactions");
        let most = read_text(io::repeat(b'x').take(INPUT_MAX), "tx.json").unwrap();
        assert_eq!(most.len() as u64, INPUT_MAX);
        assert!(read_text(&[0xff][..], "tx.json").unwrap_err().to_string().contains("tx.json"));
    }
}

//! [`File`]: std's, with every call bracketed.

use crate::sched::blocking;
use std::fs::{Metadata, OpenOptions};
use std::io::{self, IsTerminal, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

/// An open file: std's, but a call that takes long does not keep other goroutines waiting (Go's
/// `os.File`).
///
/// ```
/// use goroutines::os::File;
/// use std::io::{Read, Write};
///
/// let path = std::env::temp_dir().join(format!("doc-file-{}", std::process::id()));
/// File::create(&path)?.write_all(b"kept")?;
/// let mut text = String::new();
/// File::open(&path)?.read_to_string(&mut text)?;
/// assert_eq!(text, "kept");
/// # std::fs::remove_file(&path)?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct File(std::fs::File);

impl File {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// The system's, `NotFound` for instance.
    pub fn open(path: impl AsRef<Path>) -> io::Result<File> {
        blocking(|| std::fs::File::open(path)).map(File)
    }

    /// Opens a file for writing, empty; makes it if it does not exist.
    ///
    /// # Errors
    /// The system's.
    pub fn create(path: impl AsRef<Path>) -> io::Result<File> {
        blocking(|| std::fs::File::create(path)).map(File)
    }

    /// Opens a file as `options` say.
    ///
    /// # Errors
    /// The system's.
    pub fn open_with(options: &OpenOptions, path: impl AsRef<Path>) -> io::Result<File> {
        blocking(|| options.open(path)).map(File)
    }

    /// Size, times, permissions.
    ///
    /// # Errors
    /// The system's.
    pub fn metadata(&self) -> io::Result<Metadata> {
        blocking(|| self.0.metadata())
    }

    /// Cuts the file off, or fills it up with zeroes, to `size` bytes.
    ///
    /// # Errors
    /// The system's.
    pub fn set_len(&self, size: u64) -> io::Result<()> {
        blocking(|| self.0.set_len(size))
    }

    /// Waits until all that was written is on the disk (Go's `Sync`).
    ///
    /// # Errors
    /// The system's.
    pub fn sync_all(&self) -> io::Result<()> {
        blocking(|| self.0.sync_all())
    }

    /// A second handle with the same position.
    ///
    /// # Errors
    /// The system's, `EMFILE` for instance.
    pub fn try_clone(&self) -> io::Result<File> {
        self.0.try_clone().map(File)
    }

    /// std's file, whose calls block the thread.
    pub fn into_std(self) -> std::fs::File {
        self.0
    }
}

impl From<std::fs::File> for File {
    fn from(file: std::fs::File) -> Self {
        File(file)
    }
}

impl AsFd for File {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Read for &File {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        blocking(|| (&self.0).read(buf))
    }
}

impl Write for &File {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        blocking(|| (&self.0).write(buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for &File {
    fn seek(&mut self, pos: SeekFrom) -> io::Result<u64> {
        (&self.0).seek(pos)
    }
}

impl Read for File {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buf)
    }
}

impl Write for File {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        (&*self).write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for File {
    fn seek(&mut self, pos: SeekFrom) -> io::Result<u64> {
        (&*self).seek(pos)
    }
}

/// The whole content of a file (Go's `os.ReadFile`).
///
/// # Errors
/// The system's.
pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    blocking(|| std::fs::read(path))
}

/// The whole content of a file as text.
///
/// # Errors
/// The system's; `InvalidData` if it is not UTF-8.
pub fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    blocking(|| std::fs::read_to_string(path))
}

/// Replaces the content of a file, or makes it (Go's `os.WriteFile`).
///
/// # Errors
/// The system's.
///
/// ```
/// use goroutines::os;
///
/// let path = std::env::temp_dir().join(format!("doc-write-{}", std::process::id()));
/// os::write(&path, "all")?;
/// assert_eq!(os::read_to_string(&path)?, "all");
/// # std::fs::remove_file(&path)?;
/// # std::io::Result::Ok(())
/// ```
pub fn write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> io::Result<()> {
    blocking(|| std::fs::write(path, contents))
}

/// The input of this process; made by [`stdin`].
#[derive(Debug)]
pub struct Stdin(std::io::Stdin);

/// The input of this process. Waiting for it takes a thread, but keeps no other goroutine waiting.
///
/// ```no_run
/// let mut line = String::new();
/// goroutines::os::stdin().read_line(&mut line)?;
/// # std::io::Result::Ok(())
/// ```
pub fn stdin() -> Stdin {
    Stdin(std::io::stdin())
}

impl Stdin {
    /// Reads a line with its end and appends it; 0 bytes at the end of the input.
    ///
    /// # Errors
    /// The system's; `InvalidData` if it is not UTF-8.
    pub fn read_line(&self, line: &mut String) -> io::Result<usize> {
        blocking(|| self.0.read_line(line))
    }

    /// Is it a terminal?
    pub fn is_terminal(&self) -> bool {
        self.0.is_terminal()
    }
}

impl Read for Stdin {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        blocking(|| self.0.read(buf))
    }
}

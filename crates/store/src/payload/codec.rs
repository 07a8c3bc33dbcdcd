use super::{Header, corrupt, dictionary};
use crate::StoreError;
use std::cell::RefCell;
use zstd::bulk::{Compressor, Decompressor};

pub(super) const AS_IS: u8 = 0;
pub(super) const ZSTD: u8 = 1;

/// The longest text that a payload may hold: a header that claims more is not believed.
const LONGEST: usize = 1 << 30;

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSORS: RefCell<Vec<Option<Decompressor<'static>>>> = const { RefCell::new(Vec::new()) };
}

/// Appends `text` in its shortest form; returns codec and dictionary.
pub(super) fn compress(text: &[u8], out: &mut Vec<u8>) -> (u8, u8) {
    let newest = dictionary::newest();
    let packed = COMPRESSOR.with_borrow_mut(|slot| {
        let compressor = match slot {
            Some(compressor) => compressor,
            None => slot.insert(dictionary::compressor(newest)?),
        };
        compressor.compress(text)
    });
    match packed {
        Ok(packed) if packed.len() < text.len() => {
            out.extend_from_slice(&packed);
            (ZSTD, newest)
        }
        // Incompressible, or no memory for the compressor: kept as it is.
        _ => {
            out.extend_from_slice(text);
            (AS_IS, 0)
        }
    }
}

/// Unpacks into `out`, leaving room for `spare` more bytes.
pub(super) fn decompress(
    header: &Header,
    packed: &[u8],
    spare: usize,
    mut out: Vec<u8>,
) -> Result<Vec<u8>, StoreError> {
    if header.length > LONGEST {
        return Err(corrupt("its length is absurd"));
    }
    out.reserve(header.length + spare);
    match header.codec {
        AS_IS => out.extend_from_slice(packed),
        ZSTD => unpack(header, packed, &mut out)?,
        _ => return Err(corrupt("its codec is unknown")),
    }
    if out.len() == header.length { Ok(out) } else { Err(corrupt("its length is wrong")) }
}

fn unpack(header: &Header, packed: &[u8], out: &mut Vec<u8>) -> Result<(), StoreError> {
    DECOMPRESSORS.with_borrow_mut(|all| {
        let index = usize::from(header.dictionary);
        if all.len() <= index {
            all.resize_with(index + 1, || None);
        }
        let decompressor = match &mut all[index] {
            Some(decompressor) => decompressor,
            slot => slot.insert(
                dictionary::decompressor(header.dictionary)
                    .ok_or_else(|| corrupt("its dictionary is unknown"))?,
            ),
        };
        let unpacked = decompressor.decompress_to_buffer(packed, out);
        unpacked.map(|_| ()).map_err(|_| corrupt("its text can't be decompressed"))
    })
}

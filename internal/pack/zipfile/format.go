package zipfile

import "encoding/binary"

// MaxMembers is how many members an archive may have (T7).
const MaxMembers = 1_000_000

// Signatures, fixed lengths and the values of the canonical form.
const (
	sigLocal   = 0x04034b50
	sigCentral = 0x02014b50
	sigEnd64   = 0x06064b50
	sigLocator = 0x07064b50
	sigEnd     = 0x06054b50

	lenLocal   = 30
	lenCentral = 46
	lenEnd64   = 56
	lenLocator = 20
	lenEnd     = 22

	stored   = 0
	deflated = 8

	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3
	flagStrong     = 1 << 6
	flagUTF8       = 1 << 11
	flagMasked     = 1 << 13

	madeBy     = 3<<8 | 45
	needs      = 20
	needs64    = 45
	dosDate    = 1 | 1<<5 // 1980-01-01, years counted from 1980
	attributes = 0o100644 << 16
	idZip64    = 1

	max16 = 1<<16 - 1
	max32 = 1<<32 - 1
)

var le = binary.LittleEndian

// entry is all that the framing says of a member.
type entry struct {
	name   string
	size   int64
	crc    uint32
	offset int64 // of the local header
}

// appendLocal appends the local header of e.
func appendLocal(b []byte, e entry) []byte {
	version, size, extra := uint16(needs), uint32(e.size), 0
	if e.size >= max32 {
		version, size, extra = needs64, max32, 4+16
	}
	b = le.AppendUint32(b, sigLocal)
	b = le.AppendUint16(b, version)
	b = le.AppendUint16(b, flagUTF8)
	b = le.AppendUint16(b, stored)
	b = le.AppendUint16(b, 0) // time
	b = le.AppendUint16(b, dosDate)
	b = le.AppendUint32(b, e.crc)
	b = le.AppendUint32(b, size) // packed
	b = le.AppendUint32(b, size)
	b = le.AppendUint16(b, uint16(len(e.name)))
	b = le.AppendUint16(b, uint16(extra))
	b = append(b, e.name...)
	if extra > 0 {
		b = le.AppendUint16(b, idZip64)
		b = le.AppendUint16(b, 16)
		b = le.AppendUint64(b, uint64(e.size))
		b = le.AppendUint64(b, uint64(e.size)) // packed
	}
	return b
}

// appendCentral appends e's entry in the central directory.
func appendCentral(b []byte, e entry) []byte {
	version, size, offset, extra := uint16(needs), uint32(e.size), uint32(e.offset), 0
	if e.size >= max32 {
		size, extra = max32, 16
	}
	if e.offset >= max32 {
		offset, extra = max32, extra+8
	}
	if extra > 0 {
		version, extra = needs64, extra+4
	}
	b = le.AppendUint32(b, sigCentral)
	b = le.AppendUint16(b, madeBy)
	b = le.AppendUint16(b, version)
	b = le.AppendUint16(b, flagUTF8)
	b = le.AppendUint16(b, stored)
	b = le.AppendUint16(b, 0) // time
	b = le.AppendUint16(b, dosDate)
	b = le.AppendUint32(b, e.crc)
	b = le.AppendUint32(b, size) // packed
	b = le.AppendUint32(b, size)
	b = le.AppendUint16(b, uint16(len(e.name)))
	b = le.AppendUint16(b, uint16(extra))
	b = le.AppendUint16(b, 0) // comment
	b = le.AppendUint16(b, 0) // disk
	b = le.AppendUint16(b, 0) // internal attributes
	b = le.AppendUint32(b, attributes)
	b = le.AppendUint32(b, offset)
	b = append(b, e.name...)
	if extra > 0 {
		b = le.AppendUint16(b, idZip64)
		b = le.AppendUint16(b, uint16(extra-4))
		if e.size >= max32 {
			b = le.AppendUint64(b, uint64(e.size))
			b = le.AppendUint64(b, uint64(e.size)) // packed
		}
		if e.offset >= max32 {
			b = le.AppendUint64(b, uint64(e.offset))
		}
	}
	return b
}

// appendEnd appends what follows the central directory of count members, which
// lies at offset and is size bytes long.
func appendEnd(b []byte, count, offset, size int64) []byte {
	if count >= max16 || offset >= max32 || size >= max32 {
		b = le.AppendUint32(b, sigEnd64)
		b = le.AppendUint64(b, lenEnd64-12)
		b = le.AppendUint16(b, madeBy)
		b = le.AppendUint16(b, needs64)
		b = le.AppendUint32(b, 0) // disk
		b = le.AppendUint32(b, 0) // disk of the directory
		b = le.AppendUint64(b, uint64(count))
		b = le.AppendUint64(b, uint64(count))
		b = le.AppendUint64(b, uint64(size))
		b = le.AppendUint64(b, uint64(offset))
		b = le.AppendUint32(b, sigLocator)
		b = le.AppendUint32(b, 0) // disk
		b = le.AppendUint64(b, uint64(offset+size))
		b = le.AppendUint32(b, 1) // disks
	}
	b = le.AppendUint32(b, sigEnd)
	b = le.AppendUint16(b, 0) // disk
	b = le.AppendUint16(b, 0) // disk of the directory
	b = le.AppendUint16(b, uint16(min(count, max16)))
	b = le.AppendUint16(b, uint16(min(count, max16)))
	b = le.AppendUint32(b, uint32(min(size, max32)))
	b = le.AppendUint32(b, uint32(min(offset, max32)))
	return le.AppendUint16(b, 0) // comment
}

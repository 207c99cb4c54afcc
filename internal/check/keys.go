package check

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"bevis/internal/population"
)

// keyFile lists the items as they were loaded, in order: what the answers are held
// against. Reading it back costs a small part of decoding the dataset again, and
// it cannot differ from what the SELECT saw.
//
// One record is the length of the repository's name and the name, the length of
// the item and the item, and the time; numbers are varints.
type keyFile struct {
	file *os.File
	w    *bufio.Writer
	buf  []byte
}

func createKeyFile(name string) (*keyFile, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("check: make key file: %w", err)
	}
	return &keyFile{file: f, w: bufio.NewWriterSize(f, 1<<18)}, nil
}

func (k *keyFile) add(c *population.Change) error {
	b := binary.AppendUvarint(k.buf[:0], uint64(len(c.Repository)))
	b = append(b, c.Repository...)
	b = append(binary.AppendUvarint(b, uint64(len(c.Item))), c.Item...)
	k.buf = binary.AppendVarint(b, int64(c.OccurredAt))
	if _, err := k.w.Write(k.buf); err != nil {
		return fmt.Errorf("check: write key file: %w", err)
	}
	return nil
}

// loaded is one item of a keyFile. repository and item are valid until the next.
type loaded struct {
	repository, item []byte
	at               population.Time
}

// read begins at the first item. next answers nil after the last one.
func (k *keyFile) read() (next func() (*loaded, error), err error) {
	if err := k.w.Flush(); err != nil {
		return nil, fmt.Errorf("check: write key file: %w", err)
	}
	if _, err := k.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("check: read key file: %w", err)
	}
	r, l := bufio.NewReaderSize(k.file, 1<<18), &loaded{}
	text := func(b []byte, n uint64) ([]byte, error) {
		if uint64(cap(b)) < n {
			b = make([]byte, n)
		}
		_, err := io.ReadFull(r, b[:n])
		return b[:n], err
	}
	return func() (*loaded, error) {
		n, err := binary.ReadUvarint(r)
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err == nil {
			l.repository, err = text(l.repository, n)
		}
		if err == nil {
			n, err = binary.ReadUvarint(r)
		}
		if err == nil {
			l.item, err = text(l.item, n)
		}
		at := int64(0)
		if err == nil {
			at, err = binary.ReadVarint(r)
		}
		if err != nil {
			return nil, fmt.Errorf("check: read key file: %w", err)
		}
		l.at = population.Time(at)
		return l, nil
	}, nil
}

func (k *keyFile) close() error { return k.file.Close() }

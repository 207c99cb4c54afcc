package population

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Bounds on what a file may claim. The library makes room for what headers say
// before it reads the bytes, so the headers are judged first. Write stays far
// below all of them.
const (
	maxPageValues   = 4 << 20     // values of one page
	maxPageBytes    = 1 << 30     // bytes of one page
	maxColumnValues = 500_000_000 // values of one column in the whole file
	maxHeaderBytes  = 1 << 20     // bytes of one page header
)

var errPages = errors.New("population: page headers do not fit the file")

// checkPages walks all page headers of the file. Pages must lie within the file,
// one after the other, uncompressed (a few compressed bytes may unfold into any
// number), and hold a bounded number of values.
func checkPages(r io.ReaderAt, size int64, f *parquet.File) error {
	values := map[int]int64{}
	for _, group := range f.Metadata().RowGroups {
		for i, chunk := range group.Columns {
			n, err := checkChunk(r, size, &chunk)
			if err != nil {
				return err
			}
			if values[i] += n; values[i] > maxColumnValues {
				return fmt.Errorf("%w: column %d holds more than %d values", errPages, i, maxColumnValues)
			}
		}
	}
	return nil
}

// checkChunk returns the number of values that the chunk's pages claim.
func checkChunk(r io.ReaderAt, size int64, chunk *format.ColumnChunk) (values int64, err error) {
	m := &chunk.MetaData
	start := m.DataPageOffset
	if m.DictionaryPageOffset != 0 {
		start = m.DictionaryPageOffset
	}
	length := m.TotalCompressedSize
	if m.Codec != format.Uncompressed || chunk.FilePath != "" || start < 4 || start > m.DataPageOffset || length < 0 || length > size || start > size-8-length || m.DataPageOffset > start+length {
		return 0, fmt.Errorf("%w: column chunk at %d, %d bytes, codec %s", errPages, start, length, m.Codec)
	}
	for at, end := start, start+length; at < end; {
		section := bufio.NewReader(io.NewSectionReader(r, at, min(end-at, maxHeaderBytes)))
		counted := &countReader{r: section}
		var protocol thrift.CompactProtocol
		var h format.PageHeader
		if err := thrift.NewDecoder(protocol.NewReader(counted)).Decode(&h); err != nil {
			return 0, fmt.Errorf("%w: header at %d: %w", errPages, at, err)
		}
		at += counted.n
		n := int64(max(h.DictionaryPageHeader.V.NumValues, h.DataPageHeader.V.NumValues, h.DataPageHeaderV2.V.NumValues))
		bytes := int64(h.CompressedPageSize)
		if bytes < 0 || bytes > end-at || bytes > maxPageBytes || h.UncompressedPageSize != h.CompressedPageSize || n > maxPageValues {
			return 0, fmt.Errorf("%w: page at %d, %d bytes, %d values", errPages, at, bytes, n)
		}
		if h.Type != format.DictionaryPage {
			values += n
		}
		at += bytes
	}
	return values, nil
}

// countReader counts the bytes taken from it; it reads no further than asked.
type countReader struct {
	r *bufio.Reader
	n int64
}

func (c *countReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *countReader) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

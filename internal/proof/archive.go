package proof

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"
	"time"
)

// An archive is a zip that any tool opens (APPNOTE 6.3.10), of which one content
// has one encoding: files in the order of their names, stored without
// compression, no date, no comment, no extra field. Nothing in it can expand,
// overlap or hide, and it is read without being unpacked.
const (
	localSignature   = 0x04034b50
	centralSignature = 0x02014b50
	endSignature     = 0x06054b50
	localSize        = 30
	centralSize      = 46
	endSize          = 22
	zipVersion       = 20
	zipDate          = 0x21 // 1 January 1980: the first day of zip
	maxArchived      = 65534
	maxName          = 255
)

// Archived is a file to put in an archive. Size and CRC (IEEE 802.3) are those
// of what Open reads.
type Archived struct {
	Name string
	Size int64
	CRC  uint32
	Open func() (io.ReadCloser, error)
}

// WriteArchive writes the files in the order of their names. It keeps none of
// them in memory.
func WriteArchive(w io.Writer, files []Archived) error {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b Archived) int { return strings.Compare(a.Name, b.Name) })
	var directory []entry
	var offset int64
	for _, f := range files {
		e := entry{name: f.Name, size: f.Size, crc: f.CRC, offset: offset}
		if err := e.check(directory); err != nil {
			return err
		}
		if _, err := w.Write(e.local()); err != nil {
			return err
		}
		if err := copyChecked(w, f); err != nil {
			return err
		}
		offset = e.end()
		directory = append(directory, e)
	}
	_, err := w.Write(trailer(directory, offset))
	return err
}

func copyChecked(w io.Writer, f Archived) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	sum := crc32.NewIEEE()
	n, err := io.Copy(io.MultiWriter(w, sum), r)
	if err == nil && (n != f.Size || sum.Sum32() != f.CRC) {
		err = fmt.Errorf("%s changed while it was archived", f.Name)
	}
	return err
}

// entry is a file as the archive's directory has it.
type entry struct {
	name   string
	size   int64
	crc    uint32
	offset int64 // of its local header
}

func (e entry) data() int64 { return e.offset + localSize + int64(len(e.name)) }
func (e entry) end() int64  { return e.data() + e.size }

// check refuses what can't follow the entries before it.
func (e entry) check(before []entry) error {
	switch {
	case !fs.ValidPath(e.name) || e.name == "." || len(e.name) > maxName || strings.ContainsFunc(e.name, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' || r == ':' }):
		return fmt.Errorf("%.80q is not the name of a file in an archive", e.name)
	case len(before) > 0 && before[len(before)-1].name >= e.name:
		return fmt.Errorf("%q is there twice, or out of order", e.name)
	case len(before) >= maxArchived:
		return errors.New("too many files for an archive")
	case e.size < 0 || e.end() > math.MaxUint32-endSize:
		return fmt.Errorf("%s makes the archive larger than 4 GiB", e.name)
	}
	return nil
}

// common is what both headers say of a file.
func (e entry) common() []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(nil, zipVersion)
	b = append(b, 0, 0, 0, 0, 0, 0) // flags, method, time
	b = le.AppendUint16(b, zipDate)
	b = le.AppendUint32(b, e.crc)
	b = le.AppendUint32(b, uint32(e.size))
	b = le.AppendUint32(b, uint32(e.size))
	return le.AppendUint16(b, uint16(len(e.name)))
}

func (e entry) local() []byte {
	b := append(binary.LittleEndian.AppendUint32(nil, localSignature), e.common()...)
	return append(append(b, 0, 0), e.name...)
}

func (e entry) central() []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(le.AppendUint32(nil, centralSignature), zipVersion)
	b = append(append(b, e.common()...), make([]byte, 12)...) // extra, comment, disk, attributes
	return append(le.AppendUint32(b, uint32(e.offset)), e.name...)
}

// trailer is what follows the files.
func trailer(directory []entry, offset int64) []byte {
	var b []byte
	for _, e := range directory {
		b = append(b, e.central()...)
	}
	le := binary.LittleEndian
	size := len(b)
	b = append(le.AppendUint32(b, endSignature), 0, 0, 0, 0)
	b = le.AppendUint16(le.AppendUint16(b, uint16(len(directory))), uint16(len(directory)))
	b = le.AppendUint32(le.AppendUint32(b, uint32(size)), uint32(offset))
	return append(b, 0, 0)
}

// Archive is an archive being read: a file system of one level of trust. Each
// file is checked against its CRC as it is read to its end.
type Archive struct {
	r       io.ReaderAt
	entries []entry
}

var errArchive = errors.New("not an archive in its one encoding: it was changed, cut or packed by another tool")

// OpenArchive reads the directory of an archive of that size in bytes, and
// refuses whatever WriteArchive would not have written.
func OpenArchive(r io.ReaderAt, size int64) (*Archive, error) {
	end := make([]byte, endSize)
	if size < endSize || readAt(r, end, size-endSize) != nil {
		return nil, errArchive
	}
	le := binary.LittleEndian
	count, directorySize, offset := int(le.Uint16(end[10:])), int64(le.Uint32(end[12:])), int64(le.Uint32(end[16:]))
	if le.Uint32(end) != endSignature || offset+directorySize+endSize != size || directorySize > int64(count)*(centralSize+maxName) {
		return nil, errArchive
	}
	directory := make([]byte, directorySize)
	if err := readAt(r, directory, offset); err != nil {
		return nil, errArchive
	}
	a := &Archive{r: r}
	if err := a.parse(directory, count); err != nil {
		return nil, err
	}
	if !bytes.Equal(trailer(a.entries, offset), append(directory, end...)) {
		return nil, errArchive
	}
	return a, a.checkLocal(offset)
}

func (a *Archive) parse(directory []byte, count int) error {
	le := binary.LittleEndian
	for range count {
		if len(directory) < centralSize {
			return errArchive
		}
		n := int(le.Uint16(directory[28:]))
		if len(directory) < centralSize+n {
			return errArchive
		}
		e := entry{
			name: string(directory[centralSize : centralSize+n]),
			size: int64(le.Uint32(directory[20:])), crc: le.Uint32(directory[16:]), offset: int64(le.Uint32(directory[42:])),
		}
		if err := e.check(a.entries); err != nil {
			return err
		}
		a.entries = append(a.entries, e)
		directory = directory[centralSize+n:]
	}
	return nil
}

// checkLocal wants each file right behind the one before, and the directory
// right behind the last.
func (a *Archive) checkLocal(directory int64) error {
	var at int64
	for _, e := range a.entries {
		want := e.local()
		got := make([]byte, len(want))
		if e.offset != at || readAt(a.r, got, at) != nil || !bytes.Equal(got, want) {
			return errArchive
		}
		at = e.end()
	}
	if at != directory {
		return errArchive
	}
	return nil
}

func readAt(r io.ReaderAt, into []byte, at int64) error {
	if n, err := r.ReadAt(into, at); n < len(into) {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	return nil
}

// Names returns the names of the files, in order.
func (a *Archive) Names() []string {
	names := make([]string, 0, len(a.entries))
	for _, e := range a.entries {
		names = append(names, e.name)
	}
	return names
}

// Open opens a file; there are no folders.
func (a *Archive) Open(name string) (fs.File, error) {
	i, ok := slices.BinarySearchFunc(a.entries, name, func(e entry, name string) int { return strings.Compare(e.name, name) })
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	e := a.entries[i]
	return &archived{entry: e, r: io.NewSectionReader(a.r, e.data(), e.size), sum: crc32.NewIEEE()}, nil
}

// archived is an open file of an archive, and its own description.
type archived struct {
	entry entry
	r     *io.SectionReader
	sum   hash.Hash32
}

func (f *archived) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	_, _ = f.sum.Write(p[:n]) // never fails
	if errors.Is(err, io.EOF) && f.sum.Sum32() != f.entry.crc {
		return n, fmt.Errorf("%s: %w", f.entry.name, errArchive)
	}
	return n, err
}

func (f *archived) Close() error               { return nil }
func (f *archived) Stat() (fs.FileInfo, error) { return f, nil }
func (f *archived) Name() string               { return path.Base(f.entry.name) }
func (f *archived) Size() int64                { return f.entry.size }
func (f *archived) Mode() fs.FileMode          { return 0o444 }
func (f *archived) ModTime() time.Time         { return time.Time{} }
func (f *archived) IsDir() bool                { return false }
func (f *archived) Sys() any                   { return nil }

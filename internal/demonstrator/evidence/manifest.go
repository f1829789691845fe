package evidence

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"strings"

	"aloi.dev/internal/proof"
)

// The files that a bundle adds to those of the run folder.
const (
	manifestFile  = "manifest.json"  // the digests of all the others but the next two
	statementFile = "statement.json" // the signed envelope, about the manifest
	logFile       = "log.txt"        // where the envelope is in the signer's log
	outcomeFile   = "outcome.json"   // what was decided
)

// Ext ends the name of a bundle.
const Ext = ".aloi"

// The limits of what is read whole.
const (
	maxDocument = 64 << 20
	maxLine     = 8 << 20
)

// Manifest lists the files of a bundle, in the order of their names.
type Manifest struct {
	Format int          `json:"format"` // version of the bundle, that of the run folder
	Files  []FileDigest `json:"files"`
}

// FileDigest is one file of a bundle.
type FileDigest struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
	Digest string `json:"digest"`
}

// content is a file to be sealed. open reads its canonical encoding and can be
// called again.
type content struct {
	name string
	open func() (io.ReadCloser, error)
}

// document is a content held in memory.
func document(name string, data []byte) content {
	return content{name, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// canonicalDocument is a document with the canonical encoding of v.
func canonicalDocument(name string, v any) (content, error) {
	data, err := proof.Canonical(v)
	if err != nil {
		return content{}, fmt.Errorf("%s: %w", name, err)
	}
	return document(name, data), nil
}

// rawFile is a file that is sealed as it is.
func rawFile(folder fs.FS, name string) content {
	return content{name, func() (io.ReadCloser, error) { return folder.Open(name) }}
}

// lineFile is a file of JSON lines, each made canonical as it is read. A last line
// that a kill has cut is left out.
func lineFile(folder fs.FS, name string) content {
	return content{name, func() (io.ReadCloser, error) {
		file, err := folder.Open(name)
		if err != nil {
			return nil, err
		}
		return &canonicalLines{file: file, lines: bufio.NewReaderSize(file, 64<<10)}, nil
	}}
}

type canonicalLines struct {
	file  fs.File
	lines *bufio.Reader
	rest  []byte
	n     int
}

func (c *canonicalLines) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		line, err := readLine(c.lines)
		if err != nil {
			return 0, err
		}
		c.n++
		if c.rest, err = proof.Canonicalize(line); err != nil {
			return 0, fmt.Errorf("line %d: %w", c.n, err)
		}
		c.rest = append(c.rest, '\n')
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *canonicalLines) Close() error { return c.file.Close() }

// readLine reads a line without its end; io.EOF also for one that has no end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			return nil, fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
		if err == nil && line == nil {
			return part[:len(part)-1], nil
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// weigh reads a content once for its digest, and for what the archive wants.
func (c content) weigh() (FileDigest, proof.Archived, error) {
	a := proof.Archived{Name: c.name, Open: c.open}
	r, err := c.open()
	if err != nil {
		return FileDigest{}, a, err
	}
	defer r.Close()
	sum, crc := proof.NewDigester(), crc32.NewIEEE()
	if a.Size, err = io.Copy(io.MultiWriter(sum, crc), r); err != nil {
		return FileDigest{}, a, fmt.Errorf("%s: %w", c.name, err)
	}
	a.CRC = crc.Sum32()
	return FileDigest{c.name, a.Size, sum.Digest()}, a, nil
}

// weighAll weighs contents and lists them in the order of their names.
func weighAll(contents []content) (Manifest, []proof.Archived, error) {
	m := Manifest{Format: format, Files: []FileDigest{}}
	var files []proof.Archived
	for _, c := range contents {
		d, a, err := c.weigh()
		if err != nil {
			return m, nil, err
		}
		m.Files, files = append(m.Files, d), append(files, a)
	}
	slices.SortFunc(m.Files, func(a, b FileDigest) int { return strings.Compare(a.Name, b.Name) })
	return m, files, nil
}

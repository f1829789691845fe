package evidence

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// digests reads every file once, for its digest and its encoding.
func (v *verifier) digests() error {
	for _, f := range v.listed.Files {
		if err := v.file(f); err != nil {
			return err
		}
	}
	v.holds("%d fichiers, empreintes et encodages exacts", "%d files, exact digests and encodings", v.Files)
	return nil
}

func (v *verifier) file(f FileDigest) error {
	file, err := v.archive.Open(f.Name)
	if err != nil {
		return err
	}
	sum := proof.NewDigester()
	counted := &counter{r: io.TeeReader(file, sum)}
	unread := v.encoding(f.Name, counted)
	if _, err := io.Copy(io.Discard, counted); err != nil { // to its end: the digest comes before what it says
		return damaged(f.Name, err)
	}
	if sum.Digest() != f.Digest || counted.n != f.Size {
		return refused(lang.T("%s a été changé : son empreinte n'est pas celle que le manifeste indique", "%s was changed: its digest is not the one that the manifest lists", f.Name), nil)
	}
	if unread != nil {
		return damaged(f.Name, unread)
	}
	return nil
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// strictly decodes a canonical JSON document.
func strictly[T any](data []byte) error {
	v := new(T)
	return proof.Decode(data, v)
}

// lines hands each line of a file to check.
func lines(r io.Reader, check func([]byte) error) error {
	b := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		line, err := readLine(b)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = check(line)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
}

// complete wants the last line of a file to have its end.
func complete(data []byte) error {
	if len(data) > 0 && data[len(data)-1] != '\n' {
		return errors.New("its last line is cut")
	}
	return nil
}

// canonicalJSON wants one canonical value.
func canonicalJSON(data []byte) error {
	canonical, err := proof.Canonicalize(data)
	if err == nil && !bytes.Equal(canonical, data) {
		err = errors.New("not in canonical form (RFC 8785)")
	}
	return err
}

// encoding checks that a file is the one encoding of its content.
func (v *verifier) encoding(name string, r io.Reader) error {
	switch name {
	case resultsFile:
		return v.resultLines(r)
	case inventoryFile:
		return v.lineFile(r, strictly[Inventory])
	case ledgerFile:
		return v.lineFile(r, canonicalJSON)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return err
	}
	if len(data) > maxDocument {
		return fmt.Errorf("longer than %d bytes", maxDocument)
	}
	switch name {
	case planFile:
		return strictly[Plan](data)
	case environmentFile:
		return strictly[Environment](data)
	case endFile:
		return strictly[End](data)
	case outcomeFile:
		return strictly[Outcome](data)
	case catalogueFile:
		return canonicalJSON(data) // and typed, when the record is read
	}
	switch folder, _, _ := strings.Cut(name, "/"); folder {
	case offersFolder:
		return canonicalJSON(data) // likewise
	case loadsFolder:
		return decodeLoad(data, new(measure.LoadRun))
	case foreignFolder, findingsFolder:
		return nil // what others wrote
	}
	return errors.New("a bundle has no such file")
}

func (v *verifier) lineFile(r io.Reader, check func([]byte) error) error {
	last := &lastByte{r: r}
	if err := lines(last, check); err != nil {
		return err
	}
	return complete(last.tail)
}

// lastByte remembers the last byte that was read.
type lastByte struct {
	r    io.Reader
	tail []byte
}

func (l *lastByte) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if n > 0 {
		l.tail = []byte{p[n-1]}
	}
	return n, err
}

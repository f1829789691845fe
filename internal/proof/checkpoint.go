package proof

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is the head of a log: how many entries it has, and the root of the
// tree over them (C2SP tlog-checkpoint).
type Checkpoint struct {
	Origin string // names the log
	Size   int64
	Root   tlog.Hash

	text string // the signed note
}

// newCheckpoint signs the head of a log.
func newCheckpoint(key *Key, size int64, root tlog.Hash) (Checkpoint, error) {
	c := Checkpoint{Origin: key.name, Size: size, Root: root}
	signed, err := note.Sign(&note.Note{Text: c.body()}, key)
	c.text = string(signed)
	return c, err
}

func (c Checkpoint) body() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// Text returns the signed note.
func (c Checkpoint) Text() string { return c.text }

// ParseCheckpoint reads a signed checkpoint. It checks no signature: see Verify.
func ParseCheckpoint(text []byte) (Checkpoint, error) {
	body, _, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(body, "\n")
	if !found || len(lines) != 3 || CheckName(lines[0]) != nil {
		return Checkpoint{}, errors.New("not a checkpoint: it has three lines, an empty one, and signatures")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 1 {
		return Checkpoint{}, errors.New("not a checkpoint: its second line is the number of entries")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, errors.New("not a checkpoint: its third line is a hash in base64")
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: root, text: string(text)}
	if c.body() != body+"\n" {
		return Checkpoint{}, errors.New("not a checkpoint in its canonical form")
	}
	return c, nil
}

// Verify returns the identity of the ring that signed the checkpoint. The origin
// is the name of the key that keeps the log.
func (c Checkpoint) Verify(ring *Ring) (Identity, error) {
	var verifiers []note.Verifier
	for _, id := range ring.All() {
		if id.Key.Name() == c.Origin {
			verifiers = append(verifiers, id.Key)
		}
	}
	n, err := note.Open([]byte(c.text), note.VerifierList(verifiers...))
	if err != nil {
		var invalid *note.InvalidSignatureError
		if errors.As(err, &invalid) {
			return Identity{}, &Forged{fmt.Sprintf("%s+%08x", invalid.Name, invalid.Hash)}
		}
		return Identity{}, &Untrusted{[]string{c.Origin}}
	}
	id, _ := ring.Find(fmt.Sprintf("%s+%08x", n.Sigs[0].Name, n.Sigs[0].Hash))
	return id, nil
}

// LogProof proves offline that an entry is in a log (C2SP tlog-proof).
type LogProof struct {
	Index      int64
	Path       tlog.RecordProof
	Checkpoint Checkpoint
}

const proofHeader = "c2sp.org/tlog-proof@v1"

// Text returns the proof as a file.
func (p LogProof) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nindex %d\n", proofHeader, p.Index)
	for _, h := range p.Path {
		fmt.Fprintln(&b, h)
	}
	fmt.Fprintf(&b, "\n%s", p.Checkpoint.text)
	return b.String()
}

// maxPath is the longest path in a tree whose size is an int64.
const maxPath = 63

// ParseLogProof reads a proof without extra data. It checks nothing but the form.
func ParseLogProof(text []byte) (LogProof, error) {
	head, checkpoint, _ := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if lines[0] != proofHeader || len(lines) < 2 || len(lines) > 2+maxPath {
		return LogProof{}, errors.New("not a log proof: it begins with " + proofHeader)
	}
	var p LogProof
	index, _ := strings.CutPrefix(lines[1], "index ")
	var err error
	if p.Index, err = strconv.ParseInt(index, 10, 64); err != nil || p.Index < 0 {
		return LogProof{}, errors.New("not a log proof: its second line is the index of the entry")
	}
	for _, line := range lines[2:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return LogProof{}, errors.New("not a log proof: a line is not a hash in base64")
		}
		p.Path = append(p.Path, h)
	}
	if p.Checkpoint, err = ParseCheckpoint([]byte(checkpoint)); err != nil {
		return LogProof{}, err
	}
	if p.Text() != string(text) {
		return LogProof{}, errors.New("not a log proof in its canonical form")
	}
	return p, nil
}

// Includes checks that the entry is in the tree of the proof's checkpoint.
func (p LogProof) Includes(entry []byte) error {
	c := p.Checkpoint
	if p.Index >= c.Size {
		return fmt.Errorf("entry %d is beyond the %d entries of the checkpoint", p.Index, c.Size)
	}
	if err := tlog.CheckRecord(p.Path, c.Size, c.Root, p.Index, tlog.RecordHash(entry)); err != nil {
		return fmt.Errorf("the proof doesn't lead from the entry to the root of the checkpoint of %d entries", c.Size)
	}
	return nil
}

// Forked is the error of two checkpoints of one log that no log can have both.
type Forked struct{ A, B Checkpoint }

func (e *Forked) Error() string {
	return fmt.Sprintf("the log %s is forked: its checkpoints of %d and %d entries contradict each other", e.A.Origin, e.A.Size, e.B.Size)
}

// Consistent checks with a proof that the larger of two checkpoints of one log
// only adds to the smaller. Of two equal sizes the roots must be equal, and no
// proof is needed.
func Consistent(a, b Checkpoint, path tlog.TreeProof) error {
	if a.Origin != b.Origin {
		return fmt.Errorf("checkpoints of two logs, %s and %s", a.Origin, b.Origin)
	}
	if a.Size > b.Size {
		a, b = b, a
	}
	if a.Size == b.Size {
		if a.Root != b.Root {
			return &Forked{a, b}
		}
		return nil
	}
	if tlog.CheckTree(path, b.Size, b.Root, a.Size, a.Root) != nil {
		return &Forked{a, b}
	}
	return nil
}

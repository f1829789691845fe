package proof

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Files is where a log is kept. Published as they are, the files are a tiled log
// that anybody can read (C2SP tlog-tiles). Write replaces a file as a whole, and
// makes the folders that it needs.
type Files interface {
	fs.ReadFileFS
	Write(name string, data []byte) error
}

const (
	tileHeight     = 8
	tileWidth      = 1 << tileHeight
	checkpointFile = "checkpoint"
	maxEntry       = 1<<16 - 1
)

// Log is an append-only log of small entries, signed by the key that keeps it.
// It is not safe for concurrent use: its owner holds a lock over its files.
type Log struct {
	files Files
	key   *Key
	size  int64
}

// OpenLog opens the log of a key, or begins it. A key of the ring must have signed
// the last checkpoint.
func OpenLog(files Files, key *Key, ring *Ring) (*Log, error) {
	l := &Log{files: files, key: key}
	text, err := files.ReadFile(checkpointFile)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := ParseCheckpoint(text)
	if err != nil {
		return nil, err
	}
	if c.Origin != key.name {
		return nil, fmt.Errorf("the log is of %s, not of %s", c.Origin, key.name)
	}
	if _, err := c.Verify(ring); err != nil {
		return nil, err
	}
	l.size = c.Size
	root, err := tlog.TreeHash(l.size, l.hashes(l.size))
	if err != nil {
		return nil, err
	}
	if root != c.Root {
		return nil, errors.New("its tiles don't give the root of its checkpoint")
	}
	return l, nil
}

// Size returns the number of entries.
func (l *Log) Size() int64 { return l.size }

// Add appends an entry of at most 65,535 bytes, unless the log has it already,
// and returns the proof against the tree that ends with it. The same entries in
// the same order have the same proofs.
func (l *Log) Add(entry []byte) (LogProof, error) {
	if len(entry) > maxEntry {
		return LogProof{}, fmt.Errorf("an entry of %d bytes; %d at most", len(entry), maxEntry)
	}
	index, err := l.find(entry)
	if err != nil {
		return LogProof{}, err
	}
	if index < 0 {
		index = l.size
		if err := l.append(entry); err != nil {
			return LogProof{}, err
		}
	}
	return l.prove(index)
}

// find returns the index of an entry, -1 when the log doesn't have it.
func (l *Log) find(entry []byte) (int64, error) {
	want := tlog.RecordHash(entry)
	for n := int64(0); n*tileWidth < l.size; n++ {
		data, err := l.tile(tlog.Tile{H: tileHeight, L: 0, N: n, W: int(min(tileWidth, l.size-n*tileWidth))})
		if err != nil {
			return 0, err
		}
		for i := 0; i < len(data); i += tlog.HashSize {
			if bytes.Equal(data[i:i+tlog.HashSize], want[:]) {
				return n*tileWidth + int64(i/tlog.HashSize), nil
			}
		}
	}
	return -1, nil
}

// append writes the entry, the tiles that change, and last the checkpoint: what
// a crash leaves half-done is not part of the log.
func (l *Log) append(entry []byte) error {
	fresh := map[int64]tlog.Hash{}
	old := l.hashes(l.size)
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			if h, ok := fresh[i]; ok {
				out = append(out, h)
				continue
			}
			h, err := old.ReadHashes([]int64{i})
			if err != nil {
				return nil, err
			}
			out = append(out, h[0])
		}
		return out, nil
	})
	stored, err := tlog.StoredHashes(l.size, entry, reader)
	if err != nil {
		return err
	}
	for i, h := range stored {
		fresh[tlog.StoredHashIndex(0, l.size)+int64(i)] = h
	}
	size := l.size + 1
	for _, tile := range tlog.NewTiles(tileHeight, l.size, size) {
		data, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return err
		}
		if err := l.files.Write(tilePath(tile), data); err != nil {
			return err
		}
	}
	if err := l.writeEntry(entry); err != nil {
		return err
	}
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return err
	}
	c, err := newCheckpoint(l.key, size, root)
	if err != nil {
		return err
	}
	if err := l.files.Write(checkpointFile, []byte(c.text)); err != nil {
		return err
	}
	l.size = size
	return nil
}

// writeEntry adds the entry to its bundle of up to 256.
func (l *Log) writeEntry(entry []byte) error {
	before := tlog.Tile{H: tileHeight, L: -1, N: l.size / tileWidth, W: int(l.size % tileWidth)}
	var bundle []byte
	if before.W > 0 {
		var err error
		if bundle, err = l.files.ReadFile(tilePath(before)); err != nil {
			return err
		}
	}
	bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(entry)))
	after := before
	after.W++
	return l.files.Write(tilePath(after), append(bundle, entry...))
}

// prove proves an entry against the tree that ends with it.
func (l *Log) prove(index int64) (LogProof, error) {
	size := index + 1
	reader := l.hashes(l.size)
	path, err := tlog.ProveRecord(size, index, reader)
	if err != nil {
		return LogProof{}, err
	}
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return LogProof{}, err
	}
	c, err := newCheckpoint(l.key, size, root)
	return LogProof{Index: index, Path: path, Checkpoint: c}, err
}

func (l *Log) hashes(size int64) tlog.HashReader { return treeHashes(l.files, size) }

func (l *Log) tile(t tlog.Tile) ([]byte, error) { return l.files.ReadFile(tilePath(t)) }

// ProveConsistency proves from the tiles of a published log, whose last
// checkpoint is head, that it only adds to the log as it was at another size.
func ProveConsistency(files fs.ReadFileFS, head Checkpoint, size int64) (tlog.TreeProof, error) {
	if size > head.Size {
		return nil, fmt.Errorf("the published log has %d entries, fewer than %d", head.Size, size)
	}
	reader := treeHashes(files, head.Size)
	root, err := tlog.TreeHash(head.Size, reader)
	if err != nil {
		return nil, err
	}
	if root != head.Root {
		return nil, errors.New("the tiles of the published log don't give the root of its checkpoint")
	}
	if size == head.Size {
		return nil, nil
	}
	return tlog.ProveTree(head.Size, size, reader)
}

// treeHashes reads the hashes of a tree of that size from its tiles.
func treeHashes(files fs.ReadFileFS, size int64) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, 0, len(indexes))
		for _, i := range indexes {
			tile := tlog.TileForIndex(tileHeight, i)
			tile.W = int(min(tileWidth, size>>(tile.L*tileHeight)-tile.N*tileWidth))
			if tile.W <= 0 {
				return nil, fmt.Errorf("hash %d is not in a tree of %d entries", i, size)
			}
			data, err := files.ReadFile(tilePath(tile))
			if err != nil {
				return nil, err
			}
			if len(data) != tile.W*tlog.HashSize {
				return nil, fmt.Errorf("%s has %d bytes, not %d", tilePath(tile), len(data), tile.W*tlog.HashSize)
			}
			h, err := tlog.HashFromTile(tile, data, i)
			if err != nil {
				return nil, err
			}
			out = append(out, h)
		}
		return out, nil
	})
}

// tilePath is the path of a tile of hashes, or of a bundle of entries.
func tilePath(t tlog.Tile) string {
	path := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	if rest, ok := strings.CutPrefix(path, "data/"); ok {
		path = "entries/" + rest
	}
	return "tile/" + path
}

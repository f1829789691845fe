package proof

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of JSON that is read.
const maxDepth = 64

var (
	errDepth = errors.New("nested too deep")
	errUTF8  = errors.New("not UTF-8")
)

// Canonicalize returns the one encoding that RFC 8785 gives to a JSON text. It
// refuses what has several meanings: an object with a key twice, an unpaired
// surrogate, bytes that are not UTF-8, a number that a double can't hold; and
// whatever follows the value.
func Canonicalize(text []byte) ([]byte, error) {
	c := canonicalizer{text: text, out: make([]byte, 0, len(text))}
	err := c.value(0)
	if c.space(); err == nil && c.at < len(text) {
		err = errors.New("something follows the value")
	}
	if err != nil {
		return nil, fmt.Errorf("byte %d: %w", c.at, err)
	}
	return c.out, nil
}

// Decode reads a canonical JSON text into v. A text that isn't canonical, that
// has a field which v doesn't know, or that v would not write back as it stands,
// is refused: one content has one encoding.
func Decode(text []byte, v any) error {
	canonical, err := Canonicalize(text)
	if err != nil {
		return err
	}
	if !bytes.Equal(canonical, text) {
		return fmt.Errorf("byte %d: not in canonical form (RFC 8785)", firstDifference(canonical, text))
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	again, err := Canonical(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, text) {
		return fmt.Errorf("byte %d: not what its content is written as", firstDifference(again, text))
	}
	return nil
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// canonicalizer reads a JSON text and writes it again in its canonical form.
type canonicalizer struct {
	text []byte
	at   int
	out  []byte
}

func (c *canonicalizer) space() {
	for c.at < len(c.text) && (c.text[c.at] == ' ' || c.text[c.at] == '\t' || c.text[c.at] == '\n' || c.text[c.at] == '\r') {
		c.at++
	}
}

// peek returns the next byte that is no space, 0 at the end.
func (c *canonicalizer) peek() byte {
	c.space()
	if c.at == len(c.text) {
		return 0
	}
	return c.text[c.at]
}

func (c *canonicalizer) value(depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	switch b := c.peek(); {
	case b == '{':
		return c.object(depth)
	case b == '[':
		return c.array(depth)
	case b == '"':
		_, err := c.string()
		return err
	case b == '-' || '0' <= b && b <= '9':
		return c.number()
	}
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(c.text[c.at:], []byte(word)) {
			c.at += len(word)
			c.out = append(c.out, word...)
			return nil
		}
	}
	return c.unexpected()
}

func (c *canonicalizer) unexpected() error {
	if c.at >= len(c.text) {
		return errors.New("the text is cut")
	}
	return fmt.Errorf("unexpected %q", c.text[c.at])
}

// member is where an object's member stands in the output.
type member struct {
	key        string
	begin, end int
}

func (c *canonicalizer) object(depth int) error {
	c.at++
	begin := len(c.out)
	c.out = append(c.out, '{')
	var members []member
	sorted := true
	for first := true; c.peek() != '}' || !first; first = false {
		if !first {
			c.out = append(c.out, ',')
		}
		m := member{begin: len(c.out)}
		if c.peek() != '"' {
			return c.unexpected()
		}
		var err error
		if m.key, err = c.string(); err != nil {
			return err
		}
		if c.peek() != ':' {
			return c.unexpected()
		}
		c.at++
		c.out = append(c.out, ':')
		if err := c.value(depth + 1); err != nil {
			return err
		}
		m.end = len(c.out)
		if n := len(members); n > 0 {
			order := compareUTF16(members[n-1].key, m.key)
			if order == 0 {
				return fmt.Errorf("the key %q comes twice", m.key)
			}
			sorted = sorted && order < 0
		}
		members = append(members, m)
		if c.peek() != ',' {
			break
		}
		c.at++
	}
	if c.peek() != '}' {
		return c.unexpected()
	}
	c.at++
	c.out = append(c.out, '}')
	if sorted {
		return nil
	}
	return c.sort(begin, members)
}

// sort puts the members of the object that begins there in order.
func (c *canonicalizer) sort(begin int, members []member) error {
	slices.SortFunc(members, func(a, b member) int { return compareUTF16(a.key, b.key) })
	old := slices.Clone(c.out[begin:])
	c.out = append(c.out[:begin], '{')
	for i, m := range members {
		if i > 0 {
			if members[i-1].key == m.key {
				return fmt.Errorf("the key %q comes twice", m.key)
			}
			c.out = append(c.out, ',')
		}
		c.out = append(c.out, old[m.begin-begin:m.end-begin]...)
	}
	c.out = append(c.out, '}')
	return nil
}

func (c *canonicalizer) array(depth int) error {
	c.at++
	c.out = append(c.out, '[')
	for first := true; c.peek() != ']' || !first; first = false {
		if !first {
			c.out = append(c.out, ',')
		}
		if err := c.value(depth + 1); err != nil {
			return err
		}
		if c.peek() != ',' {
			break
		}
		c.at++
	}
	if c.peek() != ']' {
		return c.unexpected()
	}
	c.at++
	c.out = append(c.out, ']')
	return nil
}

// string reads a string, writes it, and returns what it says.
func (c *canonicalizer) string() (string, error) {
	begin := c.at
	for c.at++; c.at < len(c.text); c.at++ { // most strings stand as they are
		switch b := c.text[c.at]; {
		case b == '"':
			said := c.text[begin+1 : c.at]
			c.at++
			if !utf8.Valid(said) {
				return "", errUTF8
			}
			c.out = append(c.out, c.text[begin:c.at]...)
			return string(said), nil
		case b == '\\':
			return c.escaped(begin)
		case b < ' ':
			return "", c.unexpected()
		}
	}
	return "", c.unexpected()
}

// escaped is string for one that holds an escape at c.at.
func (c *canonicalizer) escaped(begin int) (string, error) {
	said := slices.Clone(c.text[begin+1 : c.at])
	for c.at < len(c.text) {
		switch b := c.text[c.at]; {
		case b == '"':
			c.at++
			if !utf8.Valid(said) {
				return "", errUTF8
			}
			c.out = appendString(c.out, said)
			return string(said), nil
		case b < ' ':
			return "", c.unexpected()
		case b != '\\':
			said = append(said, b)
			c.at++
		default:
			r, err := c.escape()
			if err != nil {
				return "", err
			}
			said = utf8.AppendRune(said, r)
		}
	}
	return "", c.unexpected()
}

var escapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (c *canonicalizer) escape() (rune, error) {
	if c.at+1 >= len(c.text) {
		c.at++
		return 0, c.unexpected()
	}
	if c.text[c.at+1] != 'u' {
		r, ok := escapes[c.text[c.at+1]]
		if !ok {
			return 0, errors.New("unknown escape")
		}
		c.at += 2
		return r, nil
	}
	r, err := c.unit()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if c.at+1 < len(c.text) && c.text[c.at] == '\\' && c.text[c.at+1] == 'u' {
		low, err := c.unit()
		if err != nil {
			return 0, err
		}
		if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
			return r, nil
		}
	}
	return 0, errors.New("unpaired surrogate")
}

// unit reads \uXXXX.
func (c *canonicalizer) unit() (rune, error) {
	if c.at+6 > len(c.text) {
		c.at = len(c.text)
		return 0, c.unexpected()
	}
	n, err := strconv.ParseUint(string(c.text[c.at+2:c.at+6]), 16, 16)
	if err != nil {
		return 0, errors.New("\\u wants four hexadecimal digits")
	}
	c.at += 6
	return rune(n), nil
}

func (c *canonicalizer) number() error {
	begin := c.at
	for c.at < len(c.text) && ofNumber(c.text[c.at]) {
		c.at++
	}
	word := c.text[begin:c.at]
	if plain(word) {
		c.out = append(c.out, word...)
		return nil
	}
	if !json.Valid(word) {
		c.at = begin
		return fmt.Errorf("%.40q is not a number", word)
	}
	f, err := strconv.ParseFloat(string(word), 64)
	if err != nil || math.IsInf(f, 0) {
		c.at = begin
		return fmt.Errorf("%.40s is beyond what a double holds", word)
	}
	c.out = appendNumber(c.out, f)
	return nil
}

func ofNumber(b byte) bool {
	return '0' <= b && b <= '9' || b == '-' || b == '+' || b == '.' || b == 'e' || b == 'E'
}

// plain reports a positive whole number below 10^15: it is its own canonical form.
func plain(word []byte) bool {
	if len(word) > 15 || word[0] == '0' && len(word) > 1 {
		return false
	}
	for _, b := range word {
		if b < '0' || b > '9' {
			return false
		}
	}
	return true
}

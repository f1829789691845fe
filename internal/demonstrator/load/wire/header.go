package wire

import "bytes"

// parse reads a head: the status line and the header lines, each with its CRLF.
func (a *Answer) parse(head []byte) error {
	a.Status, a.Length, a.Closes, a.length, a.chunks = 0, 0, false, -1, false
	line, rest, _ := bytes.Cut(head, crlf)
	if !a.statusLine(line) {
		return malformed("the status line %.40q", line)
	}
	a.header = append(a.header[:0], rest...)
	encodings, keep := 0, false
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, crlf)
		if !isField(line) {
			return malformed("the header line %.40q", line)
		}
		key, value, _ := bytes.Cut(line, colon)
		value = bytes.Trim(value, " \t")
		switch {
		case isName(key, "content-length"):
			n, ok := decimal(value)
			if !ok || a.length >= 0 && a.length != n {
				return malformed("the length %.40q", value)
			}
			a.length = n
		case isName(key, "transfer-encoding"):
			encodings++
			a.chunks = isName(value, "chunked")
		case isName(key, "connection"):
			a.Closes = a.Closes || hasToken(value, "close")
			keep = keep || hasToken(value, "keep-alive")
		}
	}
	if encodings > 0 && (encodings > 1 || !a.chunks || a.length >= 0 || !a.one) {
		return malformed("the transfer encoding")
	}
	a.Closes = a.Closes || !a.one && !keep
	return nil
}

// statusLine reads "HTTP/1.1 200 OK", whose last word may be missing, with or
// without the space before it.
func (a *Answer) statusLine(line []byte) bool {
	if len(line) < len("HTTP/1.1 200") || string(line[:7]) != "HTTP/1." || line[8] != ' ' {
		return false
	}
	a.one = line[7] == '1'
	if !a.one && line[7] != '0' || len(line) > 12 && line[12] != ' ' {
		return false
	}
	n, ok := decimal(line[9:12])
	if !ok || n < 100 || n > 599 {
		return false
	}
	for _, c := range line {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	a.Status = int(n)
	return true
}

// isField reports whether a line is "name: value" without control characters, not
// folded, and without a space before the colon (RFC 9112, section 5.1).
func isField(line []byte) bool {
	name := bytes.IndexByte(line, ':')
	if name < 1 {
		return false
	}
	for _, c := range line[:name] {
		if !isToken[c] {
			return false
		}
	}
	for _, c := range line[name:] {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// isToken are the characters of a token (RFC 9110, section 5.6.2).
var isToken = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] = true
	}
	return t
}()

// isName reports whether b is the name, given in lower case, in any case.
func isName(b []byte, name string) bool {
	if len(b) != len(name) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != name[i] {
			return false
		}
	}
	return true
}

func hasToken(list []byte, token string) bool {
	for len(list) > 0 {
		var item []byte
		item, list, _ = bytes.Cut(list, []byte(","))
		if isName(bytes.Trim(item, " \t"), token) {
			return true
		}
	}
	return false
}

// decimal reads digits only, up to 18 of them.
func decimal(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// chunkSize reads hexadecimal digits, and ignores the extensions behind them.
func chunkSize(line []byte) (int64, bool) {
	digits, extensions, _ := bytes.Cut(line, []byte(";"))
	digits = bytes.TrimRight(digits, " \t")
	if len(digits) == 0 || len(digits) > 15 {
		return 0, false
	}
	n := int64(0)
	for _, c := range digits {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | int64(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			n = n<<4 | int64(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	for _, c := range extensions {
		if c < ' ' && c != '\t' || c == 0x7f {
			return 0, false
		}
	}
	return n, true
}

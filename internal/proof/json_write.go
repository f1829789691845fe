package proof

import (
	"math"
	"strconv"
)

// appendNumber writes a number as ECMAScript does (RFC 8785, section 3.2.2.3).
func appendNumber(out []byte, f float64) []byte {
	if f == 0 {
		return append(out, '0')
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(out, f, 'f', -1, 64)
	}
	begin := len(out)
	out = strconv.AppendFloat(out, f, 'e', -1, 64)
	// "e-07" is written "e-7"
	if n := len(out); n-begin >= 4 && out[n-4] == 'e' && out[n-2] == '0' {
		out = append(out[:n-2], out[n-1])
	}
	return out
}

const hexDigits = "0123456789abcdef"

// appendString writes a string with no escape but those that JSON demands.
func appendString(out, said []byte) []byte {
	out = append(out, '"')
	for _, b := range said {
		switch {
		case b == '"' || b == '\\':
			out = append(out, '\\', b)
		case b >= ' ':
			out = append(out, b)
		case b == '\b':
			out = append(out, '\\', 'b')
		case b == '\f':
			out = append(out, '\\', 'f')
		case b == '\n':
			out = append(out, '\\', 'n')
		case b == '\r':
			out = append(out, '\\', 'r')
		case b == '\t':
			out = append(out, '\\', 't')
		default:
			out = append(out, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
		}
	}
	return append(out, '"')
}

// compareUTF16 orders keys by their UTF-16 units: as their bytes are, except
// that U+E000 to U+FFFF come after what needs a surrogate.
func compareUTF16(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n == len(a) || n == len(b) {
		return len(a) - len(b)
	}
	x, y := a[n], b[n]
	if x >= 0xee && y >= 0xee { // the first differing byte leads U+E000..U+FFFF or a surrogate pair
		if (x >= 0xf0) != (y >= 0xf0) {
			x, y = y, x
		}
	}
	return int(x) - int(y)
}

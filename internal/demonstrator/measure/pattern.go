package measure

import "strings"

// Matches reports whether a pattern selects a check's id: an id, the beginning of
// one up to a slash, or any of them with stars for any text.
func Matches(pattern, id string) bool {
	if !strings.Contains(pattern, "*") {
		return pattern == id || strings.HasPrefix(id, strings.TrimSuffix(pattern, "/")+"/")
	}
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(id, parts[0]) {
		return false
	}
	id = id[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(id, part)
		if i < 0 {
			return false
		}
		id = id[i+len(part):]
	}
	return strings.HasSuffix(id, parts[len(parts)-1])
}

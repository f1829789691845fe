package strict

import (
	"strings"
	"unicode/utf8"

	"aloi.dev/internal/lang"
)

// Nearest returns the word of words that a person most likely meant, or "" when
// none is close. Swapped, missing, added and changed letters are one slip each,
// and about one slip in three letters is allowed. The first of equals wins.
func Nearest(word string, words []string) string {
	length := utf8.RuneCountInString(word)
	best, slips := "", max(1, length/3)+1
	for _, w := range words {
		if n := utf8.RuneCountInString(w) - length; n >= slips || -n >= slips {
			continue // as many slips at least
		}
		if d := distance(strings.ToLower(word), strings.ToLower(w)); d < slips {
			best, slips = w, d
		}
	}
	return best
}

// DidYouMean returns the hint for a word that isn't among words: the nearest one,
// else the list when it is short, else nothing.
func DidYouMean(word string, words []string) lang.Text {
	if near := Nearest(word, words); near != "" {
		return lang.T("vouliez-vous dire « %s » ?", "did you mean %q?", near)
	}
	if len(words) == 0 || len(words) > 12 {
		return lang.Text{}
	}
	return OneOf(words)
}

// OneOf returns the hint that lists the words to choose from.
func OneOf(words []string) lang.Text {
	list := strings.Join(words, ", ")
	return lang.T("au choix : %s", "one of: %s", list)
}

// distance counts the slips between two words: insertions, deletions, changes
// and swaps of neighbours.
func distance(from, to string) int {
	a, b := []rune(from), []rune(to)
	row := make([][]int, len(a)+1)
	for i := range row {
		row[i] = make([]int, len(b)+1)
		row[i][0] = i
	}
	for j := range row[0] {
		row[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d := min(row[i-1][j]+1, row[i][j-1]+1, row[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, row[i-2][j-2]+1)
			}
			row[i][j] = d
		}
	}
	return row[len(a)][len(b)]
}

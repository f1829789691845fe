package postgres

import (
	_ "embed" // the list is data
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"aloi.dev/internal/strict"
)

//go:embed versions.yaml
var versionsFile []byte

// versions is the list of the major versions with the last day of each.
type versions struct {
	Source struct {
		Title string `yaml:"title"`
		URL   string `yaml:"url"`
		Read  string `yaml:"read"` // when it was last compared
	} `yaml:"source"`
	Versions []struct {
		Major string `yaml:"major"`
		End   string `yaml:"end"`
	} `yaml:"versions"`
}

// ends holds the last day of each major version, read once.
var ends = sync.OnceValues(func() (map[int]time.Time, error) {
	var list versions
	if _, err := strict.Decode("versions.yaml", versionsFile, &list, nil); err != nil {
		return nil, err
	}
	out := map[int]time.Time{}
	for _, v := range list.Versions {
		major, err := strconv.Atoi(v.Major)
		if err != nil {
			return nil, fmt.Errorf("versions.yaml: major %q is not a number", v.Major)
		}
		end, err := time.Parse(time.DateOnly, v.End)
		if err != nil {
			return nil, fmt.Errorf("versions.yaml: version %d: %w", major, err)
		}
		out[major] = end.AddDate(0, 0, 1) // the day itself counts
	}
	return out, nil
})

// maintainedUntil returns the instant from which the version that a server reports
// ("15.14 (Debian …)") isn't maintained any more. It isn't known when the version is
// later than the list; one that is earlier ended long ago. The error says what a
// version is.
func maintainedUntil(reported string) (end time.Time, known bool, err error) {
	list, err := ends()
	if err != nil {
		return time.Time{}, false, err
	}
	digits := reported[:len(reported)-len(strings.TrimLeft(reported, "0123456789"))]
	major, err := strconv.Atoi(digits)
	if err != nil {
		return time.Time{}, false, errors.New("a version that begins with a number")
	}
	newest := 0
	for v := range list {
		newest = max(newest, v)
	}
	end, known = list[major]
	return end, known || major < newest, nil
}

package s3

import (
	"errors"
	"strings"

	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
)

// The files' backend takes keys for paths: "a" and "a/b" exclude each other,
// "x//y" and "x/y" are one object, "dir/" can't have a body, a word over 255
// bytes is refused. S3 knows none of that: a key is a string. So keys becomes
// the names of files in a code that keeps their order and their prefixes:
// each byte is a small letter and a capital or digit, and a long name goes on
// in a folder whose name ends with a plus sign.
const (
	high  = "abcdefghijklmnop"
	low   = "0123456789ABCDEF"
	chunk = 120 // bytes of a key in one name; twice as many in the code
	joint = "+/"
	// keyLimit is S3's limit on the bytes of a key.
	keyLimit = 1024
)

// encodeName returns the name of a key, or what a name starts with when its key
// starts with the given string, or a delimiter's form inside names.
func encodeName(key string) string {
	var b strings.Builder
	for i := range len(key) {
		if i > 0 && i%chunk == 0 {
			b.WriteString(joint)
		}
		b.WriteByte(high[key[i]>>4])
		b.WriteByte(low[key[i]&15])
	}
	return b.String()
}

// decodeName undoes encodeName; false if that did not make the name.
func decodeName(name string) (string, bool) {
	name = strings.ReplaceAll(name, joint, "")
	if len(name)%2 != 0 {
		return "", false
	}
	key := make([]byte, len(name)/2)
	for i := range key {
		h, l := strings.IndexByte(high, name[2*i]), strings.IndexByte(low, name[2*i+1])
		if h < 0 || l < 0 {
			return "", false
		}
		key[i] = byte(h<<4 | l)
	}
	return string(key), true
}

// nameOf is encodeName for a key that a request names.
func nameOf(key *string) (*string, error) {
	if key == nil {
		return nil, nil
	}
	if len(*key) > keyLimit {
		return nil, s3err.GetKeyTooLongErr(int64(len(*key)), keyLimit)
	}
	name := encodeName(*key)
	return &name, nil
}

// part is encodeName for a prefix, a marker or a delimiter.
func part(key *string) *string {
	if key == nil {
		return nil
	}
	name := encodeName(*key)
	return &name
}

// plain is decodeName for what the files' backend answers. What is no name
// stays as it is.
func plain(name *string) *string {
	if name == nil {
		return nil
	}
	key, ok := decodeName(*name)
	if !ok {
		return name
	}
	return &key
}

// instead is what an answer echoes: the request's own value, if there is one.
func instead(echoed, given *string) *string {
	if echoed == nil || *echoed == "" {
		return echoed
	}
	return given
}

// named gives an error the key in place of its name.
func named(err error, key *string) error {
	var noVersion s3err.NoSuchVersionError
	if key != nil && errors.As(err, &noVersion) {
		noVersion.Key = *key
		return noVersion
	}
	return err
}

// sourceName encodes the key in the source of a copy.
func sourceName(source *string) (*string, error) {
	if source == nil {
		return nil, nil
	}
	bucket, key, version, err := backend.ParseCopySource(*source)
	if err != nil {
		return nil, err
	}
	name, err := nameOf(&key)
	if err != nil {
		return nil, err
	}
	out := bucket + "/" + strings.ReplaceAll(*name, "+", "%2B")
	if version != "" {
		out += "?versionId=" + version
	}
	return &out, nil
}

// keyed is the files' backend with keys that are strings.
type keyed struct{ backend.Backend }

// NormalizeObjectKey returns the key: no two keys are the same.
func (keyed) NormalizeObjectKey(_, object string) string { return object }

package proof

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// identityHeader begins the text of an identity.
const identityHeader = "aloi.dev/key/v1"

// Identity is a public key as it is handed out: whose it is, what for, and which
// key it follows. It is written as a signed note, signed by the key itself and,
// where it follows another, by that one too.
type Identity struct {
	Key    PublicKey
	Holder string    // a person or an organisation, in words
	Role   string    // what the key is used for, in the words of its users
	Since  time.Time // to the second, UTC
	After  string    // id of the key that this one replaces from Since on; empty for a first key

	text string // as signed
}

// Identify writes the identity of a key. before, when not nil, is the key that
// it replaces. Holder and role are single lines.
func Identify(key *Key, holder, role string, since time.Time, before *Key) (Identity, error) {
	for _, s := range []string{holder, role} {
		if s == "" || s != strings.Join(strings.Fields(s), " ") {
			return Identity{}, fmt.Errorf("%q is not one line of words", s)
		}
	}
	id := Identity{Key: key.Public(), Holder: holder, Role: role, Since: since.UTC().Truncate(time.Second)}
	signers := []note.Signer{key}
	if before != nil {
		id.After = before.Public().ID()
		signers = append(signers, before)
	}
	signed, err := note.Sign(&note.Note{Text: id.body()}, signers...)
	if err != nil {
		return Identity{}, fmt.Errorf("sign an identity: %w", err)
	}
	id.text = string(signed)
	return id, nil
}

func (id Identity) body() string {
	after := ""
	if id.After != "" {
		after = "after " + id.After + "\n"
	}
	return fmt.Sprintf("%s\nkey %s\nholder %s\nrole %s\nsince %s\n%s", identityHeader, id.Key, id.Holder, id.Role, id.Since.Format(time.RFC3339), after)
}

// Text returns the signed note.
func (id Identity) Text() string { return id.text }

// ParseIdentity reads an identity and checks that its own key signed it. Whether
// the key before it did is for a Ring to say.
func ParseIdentity(text []byte) (Identity, error) {
	body, _, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(body, "\n")
	if !found || lines[0] != identityHeader || len(lines) < 5 || len(lines) > 6 {
		return Identity{}, errors.New("not a public key file: it begins with " + identityHeader)
	}
	fields := map[string]string{}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, " ")
		fields[name] = value
	}
	key, err := ParsePublicKey(fields["key"])
	if err != nil {
		return Identity{}, err
	}
	id := Identity{Key: key, Holder: fields["holder"], Role: fields["role"], After: fields["after"], text: string(text)}
	if id.Since, err = time.Parse(time.RFC3339, fields["since"]); err != nil {
		return Identity{}, errors.New("since is not an instant")
	}
	if id.body() != body+"\n" {
		return Identity{}, errors.New("not a public key file in its canonical form")
	}
	if _, err := note.Open(text, note.VerifierList(key)); err != nil {
		return Identity{}, errors.New("the key did not sign its own file: it was changed, or cut")
	}
	return id, nil
}

// Ring is a set of keys that somebody trusts. The zero value trusts nobody.
type Ring struct{ ids []Identity }

// Add trusts one more key, because the person says so. A key that replaces one
// of the ring must be signed by that one. Two keys with one id are refused.
func (r *Ring) Add(id Identity) error {
	for _, known := range r.ids {
		if known.Key == id.Key && known.text == id.text {
			return nil
		}
		if known.Key.ID() == id.Key.ID() {
			return fmt.Errorf("another key file with the id %s is trusted already", id.Key.ID())
		}
		if known.Key.ID() == id.After && !id.signedBy(known.Key) {
			return fmt.Errorf("the key %s says that it replaces %s, which did not sign that", id.Key.ID(), id.After)
		}
		if id.Key.ID() == known.After && !known.signedBy(id.Key) {
			return fmt.Errorf("the key %s says that it replaces %s, which did not sign that", known.Key.ID(), known.After)
		}
	}
	r.ids = append(r.ids, id)
	return nil
}

// Follows reports whether the ring trusts the key that id replaces, and that key
// signed it: it can then be trusted without asking anybody.
func (r *Ring) Follows(id Identity) bool {
	before, ok := r.Find(id.After)
	return ok && id.signedBy(before.Key)
}

// Find returns the identity with that id.
func (r *Ring) Find(id string) (Identity, bool) {
	for _, known := range r.ids {
		if known.Key.ID() == id {
			return known, true
		}
	}
	return Identity{}, false
}

// All returns the identities in the order in which they were added.
func (r *Ring) All() []Identity { return r.ids }

// ReplacedAt returns the instant from which another key of the ring replaces
// the one with that id; false when none does.
func (r *Ring) ReplacedAt(id string) (time.Time, bool) {
	for _, known := range r.ids {
		if known.After == id {
			return known.Since, true
		}
	}
	return time.Time{}, false
}

func (id Identity) signedBy(key PublicKey) bool {
	n, err := note.Open([]byte(id.text), note.VerifierList(key))
	return err == nil && len(n.Sigs) > 0
}

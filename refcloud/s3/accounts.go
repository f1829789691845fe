package s3

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/versity/versitygw/auth"
)

// accounts are the accounts of one offer. The root account is the operator's;
// main and other are the customer's; the stranger owns a bucket that the
// customer must not reach, and its keys are given to nobody.
type accounts struct {
	root, main, other, stranger auth.Account
}

func newAccounts() accounts {
	return accounts{
		root:     newAccount(auth.RoleAdmin, 0),
		main:     newAccount(auth.RoleUserPlus, 1001),
		other:    newAccount(auth.RoleUserPlus, 1002),
		stranger: newAccount(auth.RoleUserPlus, 1003),
	}
}

// newAccount makes random credentials of the usual form: an id of 20 capitals
// and digits, a secret of 40 characters.
func newAccount(role auth.Role, id int) auth.Account {
	return auth.Account{
		Access:  "AKIA" + base32.StdEncoding.EncodeToString(randomBytes(10)),
		Secret:  strings.NewReplacer("+", "x", "/", "y").Replace(base64.StdEncoding.EncodeToString(randomBytes(30))),
		Role:    role,
		UserID:  id,
		GroupID: id,
	}
}

// secret returns the secret of an access key id, "" if there is none.
func (a accounts) secret(access string) string {
	for _, one := range []auth.Account{a.main, a.other, a.stranger, a.root} {
		if one.Access == access {
			return one.Secret
		}
	}
	return ""
}

// openAccounts creates the ordinary accounts in the gateway's own directory of
// identities.
func openAccounts(dir string, a accounts) (auth.IAMService, error) {
	path := filepath.Join(dir, iamDir)
	if err := os.Mkdir(path, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of accounts: %w", err)
	}
	iam, err := auth.NewInternal(a.root, path)
	if err != nil {
		return nil, fmt.Errorf("open accounts: %w", err)
	}
	for _, one := range []auth.Account{a.main, a.other, a.stranger} {
		if err := iam.CreateAccount(one); err != nil {
			return nil, fmt.Errorf("create account: %w", err)
		}
	}
	return iam, nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

func hexID(n int) string { return hex.EncodeToString(randomBytes(n)) }

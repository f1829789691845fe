package s3

import (
	"crypto/md5"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
)

// encryption is how an object is said to be encrypted. The zero value is not at
// all; managed is with a key of the server (SSE-S3); keyMD5 is the digest of a
// key of the customer (SSE-C), which the server forgets.
type encryption struct {
	managed bool
	keyMD5  string
}

const (
	managedHeader  = "X-Amz-Server-Side-Encryption"
	customerPrefix = "X-Amz-Server-Side-Encryption-Customer-"
	sourcePrefix   = "X-Amz-Copy-Source-Server-Side-Encryption-Customer-"
	keySize        = 32
)

// asked reads what a request that writes asks for.
func asked(r *http.Request) (encryption, error) {
	customer, err := customerKey(r, customerPrefix)
	if err != nil {
		return encryption{}, err
	}
	switch managed := r.Header.Get(managedHeader); {
	case managed == "":
		return encryption{keyMD5: customer}, nil
	case customer != "":
		return encryption{}, invalid("InvalidArgument", "Server Side Encryption with Customer provided key is incompatible with the encryption method specified")
	case managed != "AES256":
		return encryption{}, invalid("InvalidArgument", "The encryption method specified is not supported; the valid value is AES256")
	}
	return encryption{managed: true}, nil
}

// customerKey checks the three headers of a customer's key and returns the
// key's digest, "" if there are none.
func customerKey(r *http.Request, prefix string) (string, error) {
	algorithm, key, digest := r.Header.Get(prefix+"Algorithm"), r.Header.Get(prefix+"Key"), r.Header.Get(prefix+"Key-Md5")
	if algorithm == "" && key == "" && digest == "" {
		return "", nil
	}
	switch {
	case algorithm == "":
		return "", invalid("InvalidArgument", "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.")
	case algorithm != "AES256":
		return "", invalid("InvalidEncryptionAlgorithmError", "The encryption request you specified is not valid. The valid value is AES256.")
	case key == "":
		return "", invalid("InvalidArgument", "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.")
	case digest == "":
		return "", invalid("InvalidArgument", "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the secret key.")
	}
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) != keySize {
		return "", invalid("InvalidArgument", "The secret key was invalid for the specified algorithm.")
	}
	sum := md5.Sum(raw)
	computed := base64.StdEncoding.EncodeToString(sum[:])
	if subtle.ConstantTimeCompare([]byte(computed), []byte(digest)) != 1 {
		return "", invalid("InvalidArgument", "The calculated MD5 hash of the key did not match the hash that was provided.")
	}
	return computed, nil
}

// opens checks the key of a request that reads against the encryption of what
// it reads.
func (enc encryption) opens(r *http.Request, prefix string) error {
	given, err := customerKey(r, prefix)
	switch {
	case err != nil:
		return err
	case given == enc.keyMD5:
		return nil
	case given == "":
		return invalid("InvalidRequest", "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.")
	case enc.keyMD5 == "":
		return invalid("InvalidRequest", "The encryption parameters are not applicable to this object.")
	}
	return refusal{http.StatusForbidden, "AccessDenied", "Access Denied"}
}

// show writes the encryption to the header of an answer.
func (enc encryption) show(h http.Header) {
	if enc.managed {
		h.Set(managedHeader, "AES256")
	}
	if enc.keyMD5 != "" {
		h.Set(customerPrefix+"Algorithm", "AES256")
		h.Set(customerPrefix+"Key-Md5", enc.keyMD5)
	}
}

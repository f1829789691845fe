package s3

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"time"
)

// unsigned is the digest of a request without a body.
const unsigned = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// lineSigner signs requests as AWS Signature Version 4 wants them, in the header,
// into buffers of its own: the SDKs' signers allocate dozens of times a request.
// It signs what workloads send: paths and queries that are in canonical form
// already, and three headers. It is used by one goroutine at a time.
type lineSigner struct {
	key, secret, region, host string

	second  int64 // of stamp
	stamp   [16]byte
	scope   []byte // of the day: "20260301/fr-ref-1/s3/aws4_request"
	mac     hash.Hash
	sum     hash.Hash
	digest  [sha256.Size]byte
	request []byte
}

// sign appends the headers that make a request the account's, with the host.
func (s *lineSigner) sign(into []byte, now time.Time, method, path, query, payload string) []byte {
	s.at(now)
	s.request = s.request[:0]
	for _, part := range [...]string{method, "\n", path, "\n", query, "\nhost:", s.host, "\nx-amz-content-sha256:", payload, "\nx-amz-date:"} {
		s.request = append(s.request, part...)
	}
	s.request = append(s.request, s.stamp[:]...)
	s.request = append(s.request, "\n\nhost;x-amz-content-sha256;x-amz-date\n"...)
	s.request = append(s.request, payload...)
	s.sum.Reset()
	s.sum.Write(s.request)
	canonical := s.sum.Sum(s.digest[:0])

	s.request = append(append(s.request[:0], "AWS4-HMAC-SHA256\n"...), s.stamp[:]...)
	s.request = append(append(s.request, '\n'), s.scope...)
	s.request = hex.AppendEncode(append(s.request, '\n'), canonical)
	s.mac.Reset()
	s.mac.Write(s.request)
	signature := s.mac.Sum(s.digest[:0])

	into = append(append(into, "Host: "...), s.host...)
	into = append(append(into, "\r\nX-Amz-Content-Sha256: "...), payload...)
	into = append(append(into, "\r\nX-Amz-Date: "...), s.stamp[:]...)
	into = append(append(into, "\r\nAuthorization: AWS4-HMAC-SHA256 Credential="...), s.key...)
	into = append(append(into, '/'), s.scope...)
	into = append(into, ", SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature="...)
	return append(hex.AppendEncode(into, signature), "\r\n"...)
}

// at sets the instant, and on a new day the key of that day.
func (s *lineSigner) at(now time.Time) {
	second := now.Unix()
	if second == s.second {
		return
	}
	s.second = second
	stamp := now.UTC().AppendFormat(s.stamp[:0], "20060102T150405Z")
	if len(s.scope) > 8 && string(s.scope[:8]) == string(stamp[:8]) {
		return
	}
	day := string(stamp[:8])
	key := []byte("AWS4" + s.secret)
	for _, part := range []string{day, s.region, "s3", "aws4_request"} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	s.scope = []byte(day + "/" + s.region + "/s3/aws4_request")
	s.mac, s.sum = hmac.New(sha256.New, key), sha256.New()
}

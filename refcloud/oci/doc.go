// Package oci is the container registry of an offer. A request goes through
//
//	client -> front (TLS, variations, faults) -> token server, repairs, emulation
//	       -> registry -> memory
//
// where the registry is the distribution project's, unmodified, which verifies
// each token itself. With nothing planted the front repairs what the registry does
// otherwise than the OCI Distribution Specification says (repair.go) and plays
// what it lacks of version 1.1 (emulate_*.go). Which faults and variations are
// active can change at any moment and counts for the requests that arrive from
// then on.
//
// To add a fault, add one entry to the table of its group in faults_GROUP.go (a
// new table needs its name in Faults):
//
//	{
//		Name: "oci.blob-head-without-length", Group: "pull",
//		Text:  "HEAD of a blob doesn't tell its size.",
//		Front: EditHeader("HeadBlob", func(_ *http.Request, status int, h http.Header) int { h.Del("Content-Length"); return status }),
//	},
//
// Fronts are made with On (answer, or call next), EditRequest, EditHeader (the
// body streams) and EditResponse (whole answers). Operation names what a request
// asks for, Target its repository and reference; Refuse answers with the
// specification's error document.
package oci

// Package s3 is the S3 server of an offer. A request goes through
//
//	client -> front (TLS, Front halves) -> repairs, emulation -> gateway
//	       -> switch (Backend halves) -> repairs, keys -> files
//
// where the gateway and the files' backend are versitygw's, unmodified. With
// nothing planted the front is a plain proxy that repairs what the gateway does
// otherwise than the S3 API says (repair*.go, keys*.go, owners.go) and plays the
// features that it lacks (emulate*.go). Which faults and variations are active
// can change at any moment and counts for the requests that arrive from then on.
//
// To add a fault, add one entry to the table of its group in faults_GROUP.go (a
// new table needs its name in Faults). At the front, edit what passes:
//
//	{
//		Name: "s3.list-without-size", Group: "list",
//		Text:  "Listings leave out the Size of objects.",
//		Front: EditXML("ListObjects ListObjectsV2", func(_ *http.Request, doc string) string { return Cut(doc, "Size") }),
//	},
//
// In the backend, override what the gateway calls:
//
//	{
//		Name: "s3.versions-forgotten", Group: "versioning",
//		Text:    "GET with a versionId answers the latest version.",
//		Backend: func(next backend.Backend) backend.Backend { return latestOnly{next} },
//	},
//
//	type latestOnly struct{ backend.Backend }
//
//	func (b latestOnly) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
//		in.VersionId = nil
//		return b.Backend.GetObject(ctx, in)
//	}
//
// Fronts are made with On (answer, or call next), EditRequest (signed again
// afterwards), EditHeader (streams), EditResponse (whole answers), EditXML and
// EditError. Operation names what a request asks for, Target its bucket and
// key; Refuse answers with an S3 error; Cut, Replace, Each, Inner and Append
// edit XML. A fault that needs both halves sets both.
package s3

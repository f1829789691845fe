package s3

import "net/http"

// repair undoes, in the gateway's answers, what no S3 client expects of a
// server without faults. Each line names a defect of the gateway.
func repair(resp *http.Response) error {
	// Successful answers carry these two headers twice.
	for _, name := range []string{"X-Amz-Request-Id", "X-Amz-Id-2"} {
		if values := resp.Header[name]; len(values) > 1 {
			resp.Header[name] = values[:1]
		}
	}
	return nil
}

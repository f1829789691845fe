package s3

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/probe/probetest/loadtest"
)

// TestBench_S3: CPU of the client for reading and writing objects of 4 KiB, at full
// speed over 16 connections, beside warp on the same server.
func TestBench_S3(t *testing.T) {
	loadtest.Asked(t, "s3")
	const connections, rounds = 16, 3
	b := loadtest.Start(t, Suite)
	c := cloudOf(b.Session)
	warp := loadtest.Peer(t, "warp")
	for _, operation := range []string{"get", "put"} {
		var ours, theirs []time.Duration
		for range rounds {
			s := b.Closed(t, operation+"-4k", connections, 8*time.Second)
			ours = append(ours, s.PerThousand())
			t.Logf("%-10s %s: %v of CPU a thousand, %d/s", "ours", operation, s.PerThousand().Round(100*time.Nanosecond), s.Operations/8)
			if warp == "" {
				continue
			}
			args := []string{operation, "--no-color", "--host", c.endpoint.Host, "--access-key", c.key(mainAccount), "--secret-key", c.secret(mainAccount),
				"--region", c.region, "--tls", "--insecure", "--lookup", "path", "--bucket", "aloi-load-warp", "--obj.size", "4KiB",
				"--concurrent", strconv.Itoa(connections), "--duration", "8s", "--benchdata", t.TempDir() + "/warp"}
			if operation == "get" {
				args = append(args, "--objects", "200")
			}
			out, cpu := loadtest.Run(t, nil, warp, args...)
			rate := regexp.MustCompile(`Average: [^,]*, ([0-9.]+) obj/s`).FindStringSubmatch(out)
			if rate == nil {
				t.Fatalf("warp: %s", strings.TrimSpace(out))
			}
			perSecond, _ := strconv.ParseFloat(rate[1], 64)
			s = loadtest.Spent{Operations: int64(perSecond * 8), CPU: cpu}
			theirs = append(theirs, s.PerThousand())
			t.Logf("%-10s %s: %v of CPU a thousand, %.0f/s (its own preparation of 200 objects included)", "warp", operation, s.PerThousand().Round(100*time.Nanosecond), perSecond)
		}
		if len(theirs) > 0 {
			t.Logf("%s, ours / warp, medians: %.2f (wanted: 0.5 at most)", operation, float64(loadtest.Median(ours))/float64(loadtest.Median(theirs)))
		}
	}
}

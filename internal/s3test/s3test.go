// Package s3test runs an S3 server for tests: versitygw, at the version pinned by tools/versitygw.
package s3test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// Credentials of the server's only user.
const (
	Access = "tester"
	Secret = "tester-secret"
)

// Build is the environment variable that, if set, lets a test build the server, which takes minutes
// the first time.
const Build = "ATELIER_S3_TESTS"

// Start runs a server on a free local port until the test ends, and returns its host:port and its
// folder: every folder in that is a bucket, every file below one an object. It sets address and
// credentials in the environment. The test is skipped under -short, or if the server was never
// built and Build is not set.
func Start(t *testing.T) (endpoint, folder string) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs a server of S3, which -short leaves out")
	}
	program := built(t)
	folder = t.TempDir()
	said := ""
	for range mostStarts {
		if endpoint, said = start(t, program, folder); endpoint != "" {
			break
		}
	}
	if endpoint == "" {
		t.Fatalf("the server ends by itself:\n%s", said)
	}
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://"+endpoint)
	t.Setenv("AWS_ACCESS_KEY_ID", Access)
	t.Setenv("AWS_SECRET_ACCESS_KEY", Secret)
	t.Setenv("AWS_SESSION_TOKEN", "")
	return endpoint, folder
}

// mostStarts is the number of attempts: another process may take the port before the server does.
const mostStarts = 5

// start runs a server on a free port, and returns the port once the server responds; or the output
// of a server that exited before.
func start(t *testing.T, program, folder string) (endpoint, said string) {
	endpoint, health := freePort(t), fmt.Sprintf("/health-%x", rand.Uint64()) // which no other server has
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, "--quiet", "--port", endpoint, "--health", health, "--access", Access, "--secret", Secret, "posix", "--sidecar", t.TempDir(), folder)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { stop(); <-ended; log.Close() })
	if answers("http://"+endpoint+health, ended) {
		return endpoint, ""
	}
	text, _ := os.ReadFile(log.Name())
	return "", string(text)
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// answers waits until the server responds, and reports whether it did, or has exited.
func answers(health string, ended <-chan struct{}) bool {
	for {
		if resp, err := http.Get(health); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return true
			}
		}
		select {
		case <-ended:
			return false
		case <-time.After(50 * time.Millisecond): // until the next try
		}
	}
}

// built returns the program in the user's cache folder, under a name that identifies its version.
func built(t *testing.T) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip("without a folder for caches no server of S3 can be built: ", err)
	}
	module := moduleFolder()
	hash := sha256.New()
	for _, name := range []string{"go.mod", "go.sum"} {
		f, err := os.Open(filepath.Join(module, name))
		if err != nil {
			t.Skip("without its module no server of S3 can be built: ", err)
		}
		_, err = io.Copy(hash, f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(cache, "atelier-tests", fmt.Sprintf("versitygw-%x", hash.Sum(nil)[:8]))
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if _, err := os.Stat(program); err == nil {
		return program
	}
	if os.Getenv(Build) == "" {
		t.Skip("the server of S3 is not built; with " + Build + "=1 the test builds it, which takes minutes once")
	}
	fresh := fmt.Sprintf("%s.%d", program, os.Getpid()) // tests of several packages may build it at the same time
	cmd := exec.Command("go", "build", "-C", module, "-o", fresh, "github.com/versity/versitygw/cmd/versitygw")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("the server of S3 cannot be built: %v\n%s", err, said)
	}
	if err := os.Rename(fresh, program); err != nil {
		t.Fatal(err)
	}
	return program
}

// moduleFolder is tools/versitygw, searched from the test's folder upwards.
func moduleFolder() string {
	above, err := os.Getwd()
	for err == nil {
		folder := filepath.Join(above, "tools", "versitygw")
		if _, err := os.Stat(folder); err == nil || above == filepath.Dir(above) {
			return folder
		}
		above = filepath.Dir(above)
	}
	return ""
}

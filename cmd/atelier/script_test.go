package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"atelier/internal/home"
	"atelier/internal/s3test"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"atelier": main})
}

// The command line, as people meet it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", Cmds: scriptCommands})
}

// The command line, with the datasets in a bucket.
func TestScriptsInABucket(t *testing.T) {
	_, root := s3test.Start(t)
	if err := os.Mkdir(filepath.Join(root, "shelf"), 0o777); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "bucket"), Cmds: scriptCommands,
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
				e.Setenv(name, os.Getenv(name))
			}
			for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
				e.Setenv(name, filepath.Join(e.WorkDir, "caches"))
			}
			e.Setenv("BUCKET", filepath.Join(root, "shelf"))
			e.Setenv(home.Variable, "s3://shelf/home")
			return nil
		},
	})
}

var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"code":    exitsWith,
	"oneline": isOneLine,
	"await":   awaits,
	"midi":    writesMIDI,
}

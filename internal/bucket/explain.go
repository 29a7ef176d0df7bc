package bucket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"

	"atelier/internal/badinput"
)

// ErrTaken is returned if an object was not put because its [Condition] does not hold.
var ErrTaken = errors.New("another process was faster")

// advice is what a user can do about a server's error code.
var advice = map[string]string{
	"NoSuchBucket":          "make the bucket first, or name another",
	"InvalidAccessKeyId":    lookAtKeys,
	"SignatureDoesNotMatch": lookAtKeys,
	"AccessDenied":          "the credentials do not allow it, or there are none: " + lookAtKeys,
	"ExpiredToken":          "get new credentials",
	"RequestTimeTooSkewed":  "set the clock of this machine",
	"NotImplemented":        "the server cannot do what this needs",
}

const lookAtKeys = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile in ~/.aws/credentials"

// Explain says what a user can do about an error of a server, or about an unreachable one.
func Explain(err error) error {
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		var request *url.Error
		if errors.As(err, &request) {
			return fmt.Errorf("the server cannot be reached: %w; check the network and the address of the server", request.Err)
		}
		return err
	}
	said := fmt.Errorf("%s (%s)%w", strings.TrimSuffix(answer.Message, "."), answer.Code, quiet{err})
	if do, ok := advice[answer.Code]; ok {
		return badinput.Errorf("%w; %s", said, do)
	}
	return said
}

// A quiet error wraps one whose message was already given in other words.
type quiet struct{ error }

func (quiet) Error() string   { return "" }
func (q quiet) Unwrap() error { return q.error }

// explain adds the name of the object to an error.
func (f *Folder) explain(ctx context.Context, key string, err error) error {
	var answer minio.ErrorResponse
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case !errors.As(err, &answer):
	case answer.StatusCode == http.StatusPreconditionFailed, answer.Code == "ConditionalRequestConflict":
		return fmt.Errorf("%s: %w", f.Address(key), ErrTaken)
	case answer.Code == minio.NoSuchKey:
		return fmt.Errorf("%s: %w", f.Address(key), fs.ErrNotExist)
	}
	return fmt.Errorf("%s: %w", f.Address(key), Explain(err))
}

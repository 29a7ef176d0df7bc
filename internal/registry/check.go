package registry

import (
	"errors"
	"fmt"
	"reflect"

	"atelier/internal/badinput"
)

// A Checker validates its settings. Bind calls it once they are filled in; the error is reported
// with the place of the table, or of the setting named by [Unfit].
type Checker interface {
	Check() error
}

// Unfit returns an error of a Check about one setting: its key, and what is wanted, such as
// Unfit("batch", "want at least 1, got 0").
func Unfit(key, message string) error { return &unfit{key, message} }

type unfit struct{ key, message string }

func (u *unfit) Error() string { return u.key + ": " + u.message }

// Check validates settings that were not bound from a run file: those of the struct that v is or
// points to, and of all its choices. Constructors call it first, so that values set by Go code are
// validated like those of a run file.
func Check(v any) error { return badinput.Mark(check("", reflect.ValueOf(v))) }

// check validates inner settings before outer ones, as Bind does.
func check(path string, v reflect.Value) error {
	for _, f := range Fields(addressable(v)) {
		if err := inside(join(path, f.Name), f.Value, f.Optional); err != nil {
			return err
		}
	}
	err := checked(v)
	var u *unfit
	switch {
	case err == nil || path == "":
		return err
	case errors.As(err, &u):
		return Unfit(join(path, u.key), u.message)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// inside validates the tables in one setting.
func inside(path string, v reflect.Value, optional bool) error {
	if c := asChooser(v); c != nil {
		_, settings := c.chosen()
		switch {
		case settings.Kind() != reflect.Interface || !settings.IsNil():
			return check(path, settings)
		case optional:
			return nil
		}
		return fmt.Errorf("%s: no %s is chosen; %s", path, c.kind(), Suggest("", c.names()))
	}
	switch v.Kind() {
	case reflect.Struct:
		return check(path, v)
	case reflect.Slice:
		for i := range v.Len() {
			if err := inside(fmt.Sprintf("%s[%d]", path, i), v.Index(i), false); err != nil {
				return err
			}
		}
	case reflect.Map:
		for _, k := range sortedKeys(v) {
			if err := inside(join(path, k.String()), addressable(v.MapIndex(k)), false); err != nil {
				return err
			}
		}
	}
	return nil
}

// checked calls Check of settings that have it.
func checked(v reflect.Value) error {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.CanAddr() {
		v = v.Addr()
	}
	if c, ok := v.Interface().(Checker); ok {
		return c.Check()
	}
	return nil
}

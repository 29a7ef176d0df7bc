package registry

import (
	"errors"
	"fmt"
	"reflect"

	"atelier/internal/badinput"
)

// A Checker has settings that not every value suits. Bind asks it once its
// settings are filled in; the error is reported with the place of the table,
// or of the setting that [Unfit] names.
type Checker interface {
	Check() error
}

// Unfit returns the error of a Check about one setting: its key, and what is
// wanted of it, such as Unfit("batch", "want at least 1, got 0").
func Unfit(key, message string) error { return &unfit{key, message} }

type unfit struct{ key, message string }

func (u *unfit) Error() string { return u.key + ": " + u.message }

// Check checks settings that no run file was bound to: those of the struct that v is or
// points to, and of all that they choose. What makes something of its settings calls it
// first, so that values which Go code has set are refused as those of a run file are.
func Check(v any) error { return badinput.Mark(check("", reflect.ValueOf(v))) }

// check checks what is inside before what is around it, as Bind does.
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

// inside checks the tables in one setting.
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

// checked asks settings to check themselves, if they can.
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

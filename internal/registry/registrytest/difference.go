package registrytest

import (
	"fmt"
	"math"
	"reflect"

	"atelier/internal/registry"
)

// difference says where settings that were read are not those that were written,
// empty if they are. A slice or a map of nothing may be nil or not.
func difference(path string, wrote, read reflect.Value) string {
	for wrote.Kind() == reflect.Interface || wrote.Kind() == reflect.Pointer {
		if wrote.IsNil() || read.IsNil() {
			if wrote.IsNil() != read.IsNil() {
				return fmt.Sprintf("%s: only one of what was written and what was read is chosen", path)
			}
			return ""
		}
		wrote, read = wrote.Elem(), read.Elem()
	}
	if wrote.Type() != read.Type() {
		return fmt.Sprintf("%s: wrote a %v, read a %v", path, wrote.Type(), read.Type())
	}
	switch wrote.Kind() {
	case reflect.Struct:
		fields := registry.Fields(read)
		for i, f := range registry.Fields(wrote) {
			if d := difference(path+"."+f.Name, f.Value, fields[i].Value); d != "" {
				return d
			}
		}
		return ""
	case reflect.Slice:
		for i := range min(wrote.Len(), read.Len()) {
			if d := difference(fmt.Sprintf("%s[%d]", path, i), wrote.Index(i), read.Index(i)); d != "" {
				return d
			}
		}
	case reflect.Map:
		for _, k := range wrote.MapKeys() {
			at := fmt.Sprintf("%s[%q]", path, k)
			if !read.MapIndex(k).IsValid() {
				return at + ": wrote it, read nothing"
			}
			if d := difference(at, wrote.MapIndex(k), read.MapIndex(k)); d != "" {
				return d
			}
		}
	case reflect.Float32, reflect.Float64:
		if math.Float64bits(wrote.Float()) != math.Float64bits(read.Float()) {
			return fmt.Sprintf("%s: wrote %v, read %v", path, wrote, read)
		}
		return ""
	default:
		if !wrote.Equal(read) {
			return fmt.Sprintf("%s: wrote %#v, read %#v", path, wrote, read)
		}
		return ""
	}
	if wrote.Len() != read.Len() {
		return fmt.Sprintf("%s: wrote %d, read %d", path, wrote.Len(), read.Len())
	}
	return ""
}

package provenance

import (
	"encoding/json"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/mesh"
)

// A GLB holds label and statement in a packet of the extension KHR_xmp_json_ld, which is XMP as
// JSON-LD (ISO 16684-3); the packet describes the asset.
type glbFile struct{}

const (
	gltfXMP      = "KHR_xmp_json_ld"
	ldContext    = "@context"
	ldStatement  = "Iptc4xmpExt:DigitalSourceType"
	ldAIGC       = "TC260:" + aigcKey
	ldLabel      = "atelier:label"
	gltfAsset    = "asset"
	gltfUsed     = "extensionsUsed"
	gltfExtended = "extensions"
)

// A jsonObject keeps what it does not know as it is.
type jsonObject map[string]json.RawMessage

// into decodes a property, if there is one.
func (o jsonObject) into(key string, v any) error {
	if raw, ok := o[key]; ok {
		if err := json.Unmarshal(raw, v); err != nil {
			return badinput.Errorf("the GLB is damaged: %s cannot be read: %w", key, err)
		}
	}
	return nil
}

// xmpPackets are the packets of a GLB.
type xmpPackets struct {
	Packets []jsonObject `json:"packets"`
}

// xmpRef refers to a packet.
type xmpRef struct {
	Packet *int `json:"packet,omitempty"`
}

func (glbFile) is(file []byte) bool { return mesh.IsGLB(file) }

// A gltfDocument is the JSON of a GLB with what of it holds packets.
type gltfDocument struct {
	root, asset, ofRoot, ofAsset jsonObject
	xmpPackets
	xmpRef
}

func (glbFile) opened(file []byte) (d gltfDocument, err error) {
	text, _, err := mesh.Chunks(file)
	if err != nil {
		return d, err
	}
	if json.Unmarshal(text, &d.root) != nil || d.root == nil {
		return d, badinput.Errorf("the GLB is damaged: its JSON cannot be read")
	}
	err = d.root.into(gltfAsset, &d.asset)
	for _, part := range []struct {
		of  *jsonObject
		key string
		to  any
	}{{&d.root, gltfExtended, &d.ofRoot}, {&d.asset, gltfExtended, &d.ofAsset}, {&d.ofRoot, gltfXMP, &d.xmpPackets}, {&d.ofAsset, gltfXMP, &d.xmpRef}} {
		if err == nil {
			err = part.of.into(part.key, part.to)
		}
	}
	return d, err
}

// packet describes the asset; nil if there is none.
func (d *gltfDocument) packet() *jsonObject {
	if at := d.Packet; at != nil && *at >= 0 && *at < len(d.Packets) && d.Packets[*at] != nil {
		return &d.Packets[*at]
	}
	return nil
}

// put sets a property of an object that may not be there yet, or removes it.
func (o *jsonObject) put(key string, v any, keep bool) {
	switch {
	case !keep:
		delete(*o, key)
		return
	case *o == nil:
		*o = jsonObject{}
	}
	(*o)[key], _ = json.Marshal(v) // of strings, numbers and what was decoded: it does not fail
}

func (g glbFile) write(file []byte, st Statement, label []byte) ([]byte, error) {
	d, err := g.opened(file)
	if err != nil {
		return nil, err
	}
	empty := st.isEmpty() && label == nil
	if d.packet() == nil && !empty {
		at := len(d.Packets)
		d.Packets, d.Packet = append(d.Packets, jsonObject{}), &at
	}
	if packet := d.packet(); packet != nil {
		packet.state(st, label)
		if len(*packet) == 0 && *d.Packet == len(d.Packets)-1 {
			d.Packets, d.Packet = d.Packets[:*d.Packet], nil
		}
	}
	d.ofRoot.put(gltfXMP, d.xmpPackets, len(d.Packets) > 0)
	d.ofAsset.put(gltfXMP, d.xmpRef, d.Packet != nil)
	d.asset.put(gltfExtended, d.ofAsset, len(d.ofAsset) > 0)
	d.root.put(gltfAsset, d.asset, true)
	d.root.put(gltfExtended, d.ofRoot, len(d.ofRoot) > 0)
	var used []string
	if err := d.root.into(gltfUsed, &used); err != nil {
		return nil, err
	}
	used = slices.DeleteFunc(used, func(name string) bool { return name == gltfXMP })
	if len(d.Packets) > 0 {
		used = append(used, gltfXMP)
	}
	d.root.put(gltfUsed, used, len(used) > 0)
	text, err := json.Marshal(d.root)
	if err != nil {
		return nil, err
	}
	_, data, err := mesh.Chunks(file)
	return mesh.JoinChunks(text, data), err
}

// state replaces the properties of a packet that are ours, and what its context says of them.
func (o *jsonObject) state(s Statement, label []byte) {
	context := jsonObject{}
	if o.into(ldContext, &context) != nil || context == nil {
		context = jsonObject{} // it was the address of one
	}
	for _, p := range []struct{ prefix, space, property, value string }{
		{"Iptc4xmpExt", iptcSpace, ldStatement, s.Source}, {"TC260", aigcSpace, ldAIGC, string(s.AIGC.json())}, {"atelier", labelSpace, ldLabel, string(label)},
	} {
		context.put(p.prefix, p.space, p.value != "")
		o.put(p.property, p.value, p.value != "")
	}
	o.put(ldContext, context, len(context) > 0)
}

func (g glbFile) read(file []byte) (held bare, err error) {
	d, err := g.opened(file)
	if err != nil || d.packet() == nil {
		return held, err
	}
	var label, aigc string
	for key, to := range map[string]*string{ldLabel: &label, ldStatement: &held.source, ldAIGC: &aigc} {
		if err := d.packet().into(key, to); err != nil {
			return held, err
		}
	}
	if label != "" {
		held.label = []byte(label)
	}
	if aigc != "" {
		held.aigc = []byte(aigc)
	}
	return held, nil
}

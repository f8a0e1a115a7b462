"""A Framewise network in Keras 3, for utterances of one length at a time (no padding).

    framewise convert run --to keras --out weights.safetensors

    net = network("run/config.yaml", features=40, classes=61)
    load(net, "weights.safetensors")
    p = net.predict(x)              # x [B, T, 3F], as the reader gives it: normalized, deltas behind statics
    net.save("run.keras")           # or .h5: Keras' own files from here on

and back, from a model with these layers:

    save(keras.models.load_model("run.keras"), "weights.safetensors")
    framewise convert weights.safetensors --from keras --like run --out run-from-keras

go_backwards gives its output in reversed time; Flip turns it back where the network does.
"""

import keras
import yaml
from keras import layers, ops
from safetensors.numpy import load_file, save_file


@keras.saving.register_keras_serializable("framewise")
class Flip(layers.Layer):
    """Reverses time."""

    def call(self, x):
        return ops.flip(x, axis=1)

    def compute_output_shape(self, shape):
        return shape


def network(config, features, classes):
    """The network of a run's config.yaml (a path, or a dict): posteriors [B, T', classes] of [B, T, 3F]."""
    c = config
    if not isinstance(config, dict):
        with open(config) as f:
            c = yaml.safe_load(f)
    channels, conv, hidden = 1 + c["deltas"], c["conv"], c["hidden"]
    rnn = layers.GRU if c["cell"] == "gru" else layers.LSTM
    inputs = x = keras.Input((None, channels * features))
    if conv["filters"]:
        n, rest = conv["filters"], features - conv["f"] + 1
        x = layers.Reshape((-1, channels, features))(x)
        x = layers.Permute((1, 3, 2))(x)  # [T, F, 3]
        x = layers.Conv2D(n, (conv["t"], conv["f"]), activation="tanh", name="conv.0")(x)
        x = layers.Conv2D(2 * n, (conv["t"], rest), activation="tanh", name="conv.1")(x)
        x = layers.Reshape((-1, 2 * n))(x)
    if c["dense"]:
        x = layers.Dense(c["dense"], name="dense")(x)

    def recur(x, direction, l, go_backwards):
        return rnn(hidden, return_sequences=True, go_backwards=go_backwards, name=f"{direction}.{l}")(x)

    def norm(x, name):
        return layers.LayerNormalization(epsilon=1e-5, name=name)(x) if c["layer_norm"] else x

    def merge(a, b):
        return layers.Add()([a, b]) if c["merge"] == "sum" else layers.Concatenate()([a, b])

    if c["layers"] and c["topology"] == "each-layer":
        for l in range(c["layers"]):
            back = recur(x, "backward", l, True)
            if c["backward"] != "unaligned":
                back = Flip()(back)
            x = norm(merge(recur(x, "forward", l, False), back), f"norm.{l}")
    elif c["layers"]:
        ahead = back = x
        for l in range(c["layers"]):
            ahead = norm(recur(ahead, "forward", l, False), f"norm.forward.{l}")
            # aligned: every layer from the end, turned back. double: two go_backwards, as in the post, so that the
            # second one runs forward in time and its output needs one more turn.
            from_the_end = c["backward"] != "double" or l % 2 == 0
            back = recur(back, "backward", l, from_the_end)
            back = norm(Flip()(back) if from_the_end else back, f"norm.backward.{l}")
        if c["backward"] == "unaligned":
            back = Flip()(back)
        x = merge(ahead, back)
    x = layers.Dense(classes, activation="softmax", name="output")(x)
    return keras.Model(inputs, x)


def variables(net):
    """The model's weights by the names of the file: layer.variable."""
    named = {}
    for layer in net.layers:
        for v in layer.weights:
            named[f"{layer.name}.{v.path.split('/')[-1]}"] = v
    return named


def load(net, path):
    file, named = load_file(path), variables(net)
    if set(file) != set(named):
        raise ValueError(f"the file and the network differ in {sorted(set(file) ^ set(named))}")
    for name, value in file.items():
        named[name].assign(value)


def save(net, path):
    save_file({name: keras.ops.convert_to_numpy(v) for name, v in variables(net).items()}, path)

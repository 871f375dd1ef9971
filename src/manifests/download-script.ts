/** Where the volume is mounted in a download's pod. */
export const downloadPath = "/weights";

/** Written into a model's directory before it gets its name. */
const completionMarker = ".complete";

/**
 * Downloads one revision of a model into $TARGET, so that it is there as a whole or not at all. Plain POSIX sh. Arguments are passed
 * on to Hugging Face's command line; the environment gives REPOSITORY, REVISION, TARGET and POD_NAME.
 *
 * - Each pod has a directory of its own beside the target, so that two never write the same file. A container that starts again in
 *   its pod goes on where it stopped.
 * - The marker is written before the directory gets its name: whoever sees the name sees a complete model.
 * - Group 0 may do what the owner may, and all may read: on OpenShift the user is another one in each namespace, its group is 0.
 */
export const downloadScript = `set -eu
umask 002
parent=$(dirname "$TARGET")
partial="$parent/.$(basename "$TARGET").partial-$POD_NAME"

if [ -f "$TARGET/${completionMarker}" ]; then
  rm -rf "$partial"
  echo "$REPOSITORY $REVISION is already in $TARGET"
  exit 0
fi
if [ -e "$TARGET" ]; then
  echo "$TARGET exists, but no download has completed it: move it away" >&2
  exit 1
fi

mkdir -p "$partial"
# What killed pods left behind: nothing in it was written for an hour.
for left in "$parent"/.*.partial-*; do
  if [ -d "$left" ] && [ "$left" != "$partial" ] && [ -z "$(find "$left" -mmin -60 | head -n 1)" ]; then
    rm -rf "$left"
  fi
done

# The command had another name before huggingface_hub 0.34.
if command -v hf >/dev/null 2>&1; then hub=hf; else hub=huggingface-cli; fi
"$hub" download "$REPOSITORY" --revision "$REVISION" --local-dir "$partial" "$@" &
child=$!
# A shell that is process 1 does not end by itself.
trap 'kill "$child" 2>/dev/null; exit 143' TERM INT
wait "$child"

rm -rf "$partial/.cache"
chmod -R a+rX,g=u "$partial"
echo "$REPOSITORY $REVISION" >"$partial/${completionMarker}"
mv "$partial" "$TARGET" || [ -f "$TARGET/${completionMarker}" ]
# If another download was first, mv has failed or has put this one inside of the other.
rm -rf "$partial" "$TARGET/\${partial##*/}"
echo "$REPOSITORY $REVISION is in $TARGET"
`;

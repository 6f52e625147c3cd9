#!/bin/sh
# The main job, on a simulated citizen card: read and verify it over PC/SC, activate a phone, then move to a second phone.
set -eu
. "$(dirname "$0")/setup.sh"
install_project "$extras"

work=$(mktemp -d)
serve_pid=
finish() {
    [ -z "$serve_pid" ] || kill "$serve_pid" 2>/dev/null || true
    stop_pcsc
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

step() { printf '\n%s\n' "$*" >&2; }
fact() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }

step "1. A synthetic citizen card / Thẻ căn cước giả lập"
"$cccd" card new -o "$work/card"
number=$(fact "$work/card/secrets.json" number)


reader="sim:$work/card"
if [ "$have_pcsc" = yes ] && start_pcsc; then
    "$cccd" card serve "$work/card" &
    serve_pid=$!
    reader="pcsc:Virtual PCD 00 00"
    wait_for_card || { say "The card did not appear on the virtual reader."; exit 3; }
else
    say "No PC/SC here: the same flow runs with the simulator inside the program. / Không có PC/SC: dùng bộ giả lập."
fi
registry="sqlite:///$work/registry/registry.db"
trust=$work/card/trust

step "2. Read the chip and verify it / Đọc chip và kiểm tra"
printf '%s\n' "$number" | "$cccd" verify --reader "$reader" --secret number --trust "$trust"

step "3. An account for the owner of the card / Tạo tài khoản cho chủ thẻ"
printf '%s\n' "$number" | "$cccd" account create --reader "$reader" --secret number --no-photo \
    --trust "$trust" --registry "$registry" --phone 0912345678 --consent signed-form

# The owner reads the code on the phone: here, from the newest message in the local outbox.
read_code() {
    "$python" - "$work/registry/outbox" "$1" <<'PYTHON'
import json, pathlib, re, sys, time

outbox, seen = pathlib.Path(sys.argv[1]), int(sys.argv[2])
for _ in range(300):
    codes = [path for path in sorted(outbox.glob("*-otp-*.json"))]
    if len(codes) > seen:
        text = json.loads(codes[-1].read_text(encoding="utf-8"))["text"]
        print(f"   SMS: {text}", file=sys.stderr)
        print(re.search(r": (\d{6}) ", text)[1])
        break
    time.sleep(0.1)
PYTHON
}

activate() {
    "$cccd" device new-key -o "$work/$1"
    { printf '%s\n' "$number"; read_code "$2"; } |
        "$cccd" activate --reader "$reader" --secret number --no-photo --trust "$trust" --registry "$registry" \
            --device "$work/$1/public.pem" --phone-key "$work/$1/private.pem" --label "$3" --yes \
            --receipt "$work/$1/receipt.jws"
}

step "4. Activate the first phone / Kích hoạt điện thoại thứ nhất"
activate phone1 0 "First phone"

step "5. Move to a second phone / Chuyển sang điện thoại thứ hai"
activate phone2 1 "Second phone"

step "6. The devices of the account / Các thiết bị của tài khoản"
printf '%s\n' "$number" | "$cccd" device list --registry "$registry"

step "7. The receipt and the audit log hold / Biên nhận và nhật ký nguyên vẹn"
"$cccd" receipt verify "$work/phone2/receipt.jws" --key "$("$cccd" receipt key --registry "$registry")" >/dev/null
"$cccd" audit verify --registry "$registry" --receipt "$work/phone2/receipt.jws"

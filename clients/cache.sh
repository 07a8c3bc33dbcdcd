# Where the clients' packages are; for prepare and run.

# The folder of a language's packages. A changed manifest has another.
packages_of() {
    local cache=${CRESSET_CLIENTS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cresset/clients}
    local manifest
    manifest=$(manifest_of "$1") || return
    printf '%s/%s-%s\n' "$cache" "$1" "$(cksum <"$manifest" | cut -d ' ' -f 1)"
}

manifest_of() {
    case $1 in
        python) echo python/requirements.txt ;;
        node) echo node/package.json ;;
        java) echo java/pom.xml ;;
        *)
            echo "$1 is none of python, node, java" >&2
            return 1
            ;;
    esac
}

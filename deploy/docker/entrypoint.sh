#!/bin/sh
# jobmanager, taskmanager and standalone-job are Flink's; so are programs and shells. Any other first
# word is a command of StreamForge's own: migrate, config, version and the others that --help lists.
case ${1:-} in
    jobmanager | taskmanager | standalone-job | history-server | flink | sh | bash | /*)
        exec /docker-entrypoint.sh "$@"
        ;;
esac
exec java -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -Duser.language=en \
    -jar /opt/flink/usrlib/streamforge.jar "$@"
